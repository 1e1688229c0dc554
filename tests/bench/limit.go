package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"qmpmigrate/tests/emulator"
)

// limitTime is for how long a limit is looked at, in seconds.
const limitTime = 10

// A restraint is what two vCPUs dirtied in limitTime, of which the first had a limit, in MiB per second.
type restraint struct {
	limited, free float64
	off           float64 // how far the first was from its limit, in percent
	worst         float64 // the same in the worst second
	cpu           float64 // seconds of processor time a second
}

// limit holds one of two vCPUs that write as fast as they can to a limit. No QEMU does that without KVM.
func (s settings) limit(ctx context.Context, _ string) (table, error) {
	t := table{
		title: fmt.Sprintf("Two vCPUs that write as fast as they can, one of them with a limit: %d s by calc-dirty-rate in mode dirty-ring",
			limitTime),
		columns: []string{"accelerator", "limit MiB/s", "", "dirtied MiB/s", "off %", "off % in the worst second", "the other MiB/s", "CPUs"},
	}
	for _, accel := range []string{"soft", "uffd"} {
		for _, limit := range []int{10, 50, 200} {
			progress("limit of %d MiB/s, %s", limit, accel)
			var list []restraint
			for range s.rounds {
				r, err := restrain(ctx, s.server, accel, limit)
				if err != nil {
					return t, err
				}
				list = append(list, r)
			}
			medians(&t, []string{accel, fmt.Sprint(limit)}, s.server.Name, list, []figure[restraint]{
				{func(r restraint) float64 { return r.limited }, "%.0f"},
				{func(r restraint) float64 { return r.off }, "%.0f"},
				{func(r restraint) float64 { return r.worst }, "%.0f"},
				{func(r restraint) float64 { return r.free }, "%.0f"},
				{func(r restraint) float64 { return r.cpu }, "%.2f"},
			})
		}
	}
	return t, nil
}

func restrain(ctx context.Context, p emulator.Program, accel string, limit int) (r restraint, err error) {
	e, err := emulator.Start(ctx, p, "limited", "-accel", accel+",dirty-ring-size=4096", "-nodefaults", "-m", "128", "-smp", "2",
		"-machine", "memtest,workload=stress,update-size=8,rate=0")
	if err != nil {
		return r, err
	}
	defer e.Close()
	args := map[string]any{"cpu-index": 0, "dirty-rate": limit}
	if err := e.Execute(ctx, "set-vcpu-dirty-limit", args, nil); err != nil {
		return r, err
	}
	off := func(rate float64) float64 { return math.Abs(rate-float64(limit)) / float64(limit) * 100 }
	// current asks for the rate of the last second.
	current := func() (float64, error) {
		var now []struct {
			Rate float64 `json:"current-rate"`
		}
		if err := e.Execute(ctx, "query-vcpu-dirty-limit", nil, &now); err != nil {
			return 0, err
		}
		if len(now) != 1 {
			return 0, fmt.Errorf("%d limits", len(now))
		}
		return now[0].Rate, nil
	}
	// At first the guest fills its memory, and the second in which it begins is no whole one.
	for began := false; ; {
		rate, err := current()
		if err != nil {
			return r, err
		}
		if began {
			break
		}
		began = rate > 0
		if err := wait(ctx, 1100*time.Millisecond); err != nil {
			return r, err
		}
	}
	cpu, err := e.CPUTime()
	if err != nil {
		return r, err
	}
	began := time.Now()
	args = map[string]any{"calc-time": limitTime, "mode": "dirty-ring"}
	if err := e.Execute(ctx, "calc-dirty-rate", args, nil); err != nil {
		return r, err
	}
	for {
		now, err := current()
		if err != nil {
			return r, err
		}
		r.worst = max(r.worst, off(now))
		var rate struct {
			Status string
			VCPUs  []struct {
				Rate float64 `json:"dirty-rate"`
			} `json:"vcpu-dirty-rate"`
		}
		if err := e.Execute(ctx, "query-dirty-rate", nil, &rate); err != nil {
			return r, err
		}
		if rate.Status == "measured" {
			after, err := e.CPUTime()
			r.cpu = (after - cpu).Seconds() / time.Since(began).Seconds()
			r.limited, r.free, r.off = rate.VCPUs[0].Rate, rate.VCPUs[1].Rate, off(rate.VCPUs[0].Rate)
			return r, err
		}
		if err := wait(ctx, 500*time.Millisecond); err != nil {
			return r, err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
