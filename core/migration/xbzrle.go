package migration

import (
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// xbzrleStats are nil where the capability is off.
func (o *outgoing) xbzrleStats() *qapi.XBZRLECacheStats {
	if !o.m.options.enabled(qapi.MigrationCapabilityXBZRLE) {
		return nil
	}
	s := &o.stats.XBZRLE
	return &qapi.XBZRLECacheStats{
		CacheSize:     o.m.options.xbzrleCacheSize(),
		Bytes:         int64(s.Bytes.Load()),
		Pages:         int64(s.Pages.Load()),
		CacheMiss:     int64(s.Misses.Load()),
		CacheMissRate: s.MissRate(),
		EncodingRate:  s.EncodingRate(),
		Overflow:      int64(s.Overflows.Load()),
	}
}

// checkCache refuses a size of the cache that a migration cannot go on with.
func checkCache(old, wanted *qapi.MigrationParameters, on capabilities, busy bool) error {
	if !busy || !on[qapi.MigrationCapabilityXBZRLE] || *old.XBZRLECacheSize == *wanted.XBZRLECacheSize {
		return nil
	}
	return ram.CheckXBZRLE(*wanted.XBZRLECacheSize)
}
