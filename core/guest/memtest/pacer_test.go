package memtest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
)

// ride asks a pacer over and over until the time is up, and returns the visits.
func ride(p *pacer, now *time.Time, d time.Duration) (visits, asked int) {
	for end := now.Add(d); now.Before(end); asked++ {
		n, sleep := p.grant(*now)
		visits += n
		*now = now.Add(sleep)
	}
	return visits, asked
}

// In every window of 100 ms a pacer grants what its rate says, and it is not
// asked all the time.
func TestPacerKeepsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perSecond := rapid.IntRange(500, 2_000_000).Draw(t, "visits per second")
		now := time.Unix(1000, 0)
		p := newPacer(uint64(perSecond)*memory.PageSize, now)
		ride(&p, &now, backlog)
		for range 20 {
			got, asked := ride(&p, &now, 100*time.Millisecond)
			if want := float64(perSecond) / 10; float64(got) < want*0.95-2 || float64(got) > want*1.05+2 {
				t.Fatalf("%d visits in 100 ms, want %.0f", got, want)
			}
			if asked > 26+got/burst+26 {
				t.Fatalf("asked %d times for %d visits", asked, got)
			}
		}
	})
}

func TestPacerIsExactInTheLongRun(t *testing.T) {
	for _, rate := range []uint64{1, 4095, 4096, 5000, 64 << 20, DefaultSweepRate} {
		now := time.Unix(1000, 0)
		p := newPacer(rate, now)
		d := 10 * time.Second
		if rate == 1 {
			d = 4096 * 50 * time.Second
		}
		got, _ := ride(&p, &now, d)
		want := float64(rate) / memory.PageSize * d.Seconds()
		if float64(got) < want*0.999-1 || float64(got) > want*1.001+1 {
			t.Errorf("rate %d: %d visits in %v, want %.1f", rate, got, d, want)
		}
	}
}

// A vCPU that was kept from running catches up on a tenth of a second, not on more.
func TestPacerForgetsOldDebts(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newPacer(1000*memory.PageSize, now)
	now = now.Add(time.Hour)
	got, _ := ride(&p, &now, time.Nanosecond)
	if got != 100 {
		t.Errorf("%d visits at once, want 100", got)
	}
	p.skip(now.Add(time.Second))
	if n, sleep := p.grant(now.Add(time.Second)); n != 0 || sleep < tick {
		t.Errorf("time skipped gave %d visits, sleep %v", n, sleep)
	}
}

func TestPacerWithoutBound(t *testing.T) {
	p := newPacer(0, time.Time{})
	for range 10 {
		if n, sleep := p.grant(time.Time{}); n != burst || sleep != 0 {
			t.Fatalf("granted %d, sleep %v", n, sleep)
		}
	}
}
