package migration

import (
	"qmpmigrate/qapi"
)

// xbzrleStats are nil where the capability is off.
func (o *outgoing) xbzrleStats() *qapi.XBZRLECacheStats {
	if !o.m.settings.Enabled(qapi.MigrationCapabilityXBZRLE) {
		return nil
	}
	s := &o.stats.XBZRLE
	return &qapi.XBZRLECacheStats{
		CacheSize:     o.m.settings.XBZRLECacheSize(),
		Bytes:         int64(s.Bytes.Load()),
		Pages:         int64(s.Pages.Load()),
		CacheMiss:     int64(s.Misses.Load()),
		CacheMissRate: s.MissRate(),
		EncodingRate:  s.EncodingRate(),
		Overflow:      int64(s.Overflows.Load()),
	}
}
