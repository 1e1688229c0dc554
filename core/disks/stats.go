package disks

import (
	"context"
	"slices"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// QueryBlockstats is query-blockstats.
func (s *Set) QueryBlockstats(_ context.Context, args *qapi.QueryBlockstatsArgs) ([]qapi.BlockStats, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []qapi.BlockStats{}
	if args.QueryNodes != nil && *args.QueryNodes {
		nodes := s.graph.Nodes()
		slices.Reverse(nodes)
		for _, n := range nodes {
			list = append(list, nodeStats(n, false))
		}
		return list, nil
	}
	for i := range s.drives {
		list = append(list, driveStats(&s.drives[i]))
	}
	return list, nil
}

// nodeStats tells what is known of a node alone, which is where it was written,
// and of that which its image lies in; with a drive's also of those beneath.
func nodeStats(n *block.Node, whole bool) qapi.BlockStats {
	out := qapi.BlockStats{NodeName: new(n.Name()), Stats: noStats()}
	out.Stats.WrHighestOffset = n.Highest()
	switch driver := qapi.BlockdevDriver(n.Driver()); driver {
	case qapi.BlockdevDriverFile:
		out.DriverSpecific = &qapi.BlockStatsSpecific{Driver: driver, File: &qapi.BlockStatsSpecificFile{}}
	case qapi.BlockdevDriverHostDevice:
		out.DriverSpecific = &qapi.BlockStatsSpecific{Driver: driver, HostDevice: &qapi.BlockStatsSpecificFile{}}
	}
	for _, c := range n.Children() {
		switch {
		case c.Role == "file":
			out.Parent = new(nodeStats(c.Node, whole))
		case c.Role == "backing" && whole:
			out.Backing = new(nodeStats(c.Node, whole))
		}
	}
	return out
}

func noStats() qapi.BlockDeviceStats {
	return qapi.BlockDeviceStats{TimedStats: []qapi.BlockDeviceTimedStats{}}
}

// driveStats tells what a guest did with a drive.
func driveStats(d *drive) qapi.BlockStats {
	out := qapi.BlockStats{Stats: noStats()}
	if d.node != nil {
		out = nodeStats(d.node, true)
	}
	out.Device = &d.id
	if d.device != "" {
		out.Qdev = &d.device
	}
	count(&out.Stats, d.stats)
	return out
}

func count(out *qapi.BlockDeviceStats, stats *block.Stats) {
	c := stats.Count(block.Read)
	out.RdBytes, out.RdOperations, out.RdTotalTimeNs = c.Bytes, c.Operations, int64(c.Time)
	out.FailedRdOperations, out.InvalidRdOperations = c.Failed, c.Invalid
	c = stats.Count(block.Write)
	out.WrBytes, out.WrOperations, out.WrTotalTimeNs = c.Bytes, c.Operations, int64(c.Time)
	out.FailedWrOperations, out.InvalidWrOperations = c.Failed, c.Invalid
	c = stats.Count(block.Flush)
	out.FlushOperations, out.FlushTotalTimeNs = c.Operations, int64(c.Time)
	out.FailedFlushOperations, out.InvalidFlushOperations = c.Failed, c.Invalid
	out.AccountInvalid, out.AccountFailed = !stats.IgnoreInvalid, !stats.IgnoreFailed
	if idle, ok := stats.Idle(); ok {
		out.IdleTimeNs = new(int64(idle))
	}
}

// QueryBlockJobs is query-block-jobs. Tools ask before they go on, whether or not they began one.
func (s *Set) QueryBlockJobs(context.Context) ([]qapi.BlockJobInfo, error) {
	return []qapi.BlockJobInfo{}, nil
}
