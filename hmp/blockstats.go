package hmp

import "qmpmigrate/qapi"

// infoBlockStats shows what was counted of the disks.
func (c *call) infoBlockStats() error {
	list, err := c.commands().QueryBlockstats(c.ctx, &qapi.QueryBlockstatsArgs{})
	for i := range list {
		idle, s := int64(0), &list[i].Stats
		if s.IdleTimeNs != nil {
			idle = *s.IdleTimeNs
		}
		c.out.printf("%s: rd_bytes=%d wr_bytes=%d rd_operations=%d wr_operations=%d flush_operations=%d wr_total_time_ns=%d"+
			" rd_total_time_ns=%d flush_total_time_ns=%d rd_merged=%d wr_merged=%d idle_time_ns=%d\n",
			*list[i].Device, s.RdBytes, s.WrBytes, s.RdOperations, s.WrOperations, s.FlushOperations, s.WrTotalTimeNs,
			s.RdTotalTimeNs, s.FlushTotalTimeNs, s.RdMerged, s.WrMerged, idle)
	}
	return err
}
