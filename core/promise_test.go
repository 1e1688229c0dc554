package core

import (
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/qapi"
)

// What may be left at the switchover is what the promised bandwidth moves in the downtime limit, not what the
// measured one does.
func TestPromisedBandwidthDecides(t *testing.T) {
	const size, link, limit = 48 << 20, 48 << 20, 100 * time.Millisecond
	for _, c := range []struct {
		name     string
		promised uint64
		within   time.Duration
		least    uint64 // bytes that are left at the switchover
		most     uint64
	}{
		{"measured", 0, time.Minute, 0, link / 10},
		{"all that is left after one window", 1 << 30, 300 * time.Millisecond, size * 3 / 4, size},
		{"half of it", size / 2 * 10, time.Minute, size / 4, size / 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newBusy(t, Config{}, size, 20<<20, false)
			p.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(link)),
				DowntimeLimit: new(uint64(limit.Milliseconds())), AvailSwitchoverBandwidth: &c.promised})
			p.send(t, "file:/dev/null")
			began := time.Now()
			for *p.Migration().Info().Status != completed && time.Since(began) < 20*time.Second {
				time.Sleep(10 * time.Millisecond)
			}
			info := p.Migration().Info()
			if *info.Status != completed || time.Since(began) > c.within {
				t.Fatalf("%s: %s after %v", c.name, *info.Status, time.Since(began))
			}
			// Headers of pages and the devices are some of it.
			if left := info.RAM.DowntimeBytes; left < c.least || left > c.most+c.most/50+1<<16 {
				t.Errorf("%s: %d bytes while it stood, want %d to %d", c.name, left, c.least, c.most)
			}
		})
	}
}
