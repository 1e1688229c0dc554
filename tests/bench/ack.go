package main

import (
	"context"
	"fmt"
	"time"

	"qmpmigrate/tests/emulator"
)

// An acked is what a migration with a passed-through device cost its guest, in ms.
type acked struct {
	downtime float64 // as the source says
	gap      float64 // from the stop at the source to the start at the destination
	total    float64
}

// The device, and the guest around it.
const (
	ackDevice = "vfio-sim,id=v0,state-size=300M,initial-size=1M,prepare=1480ms,load-bandwidth=3G,dirty-rate=20M,precopy="
	ackGuest  = "memtest,workload=stress,rate=8M"
	ackMemory = 256 // MiB
)

// ack moves a guest with a device of which 300 MB go over, and whose destination needs 1,480 ms to make ready
// once it has the first of them.
func (s settings) ack(ctx context.Context, _ string) (table, error) {
	t := table{
		title: fmt.Sprintf("%s: a device with 300 MB of state that needs 1,480 ms to make ready and then takes 3 GB/s, "+
			"in a guest of %d MiB; 3 GB/s promised for the switchover; unix", s.server, ackMemory),
		columns: []string{"capabilities", "the device gives away while it runs", "downtime limit ms", "downtime ms",
			"guest stopped ms", "total ms"},
	}
	acks := []string{"return-path", "switchover-ack"}
	for _, row := range []struct {
		capabilities  []string
		precopy, what string
		limit         int
	}{
		{nil, "off", "nothing", 300},
		{nil, "initial", "its initial data", 300},
		{acks, "initial", "its initial data", 300},
		{acks, "on", "everything", 30},
	} {
		names := "none"
		if row.capabilities != nil {
			names = "return-path, switchover-ack"
		}
		progress("device: capabilities %s, %s before the switchover", names, row.what)
		var all []acked
		for range s.rounds {
			m, err := s.moveDevice(ctx, row.precopy, way{capabilities: row.capabilities, parameters: map[string]any{
				"avail-switchover-bandwidth": 3_000_000_000, "downtime-limit": row.limit}})
			if err != nil {
				return t, err
			}
			all = append(all, m)
		}
		cells := []string{names, row.what, fmt.Sprint(row.limit)}
		for _, of := range []func(acked) float64{
			func(a acked) float64 { return a.downtime },
			func(a acked) float64 { return a.gap },
			func(a acked) float64 { return a.total },
		} {
			cells = append(cells, fmt.Sprintf("%.0f", median(all, of)))
		}
		t.rows = append(t.rows, cells)
	}
	return t, nil
}

func (s settings) moveDevice(ctx context.Context, precopy string, w way) (a acked, err error) {
	args := []string{"-machine", ackGuest, "-m", fmt.Sprint(ackMemory), "-nodefaults", "-device", ackDevice + precopy}
	src, err := emulator.Start(ctx, s.server, "source", args...)
	if err != nil {
		return a, err
	}
	defer src.Close()
	dst, err := emulator.Start(ctx, s.server, "destination", append(args, "-incoming", "defer")...)
	if err != nil {
		return a, err
	}
	defer dst.Close()
	if err := w.set(ctx, src, dst); err != nil {
		return a, err
	}
	if err := emulator.Unix().Migrate(ctx, src, dst); err != nil {
		return a, err
	}
	m, err := waitBoth(ctx, src, dst, 0)
	if err != nil {
		return a, err
	}
	stopped, err := src.Monitor.WaitEvent(ctx, 0, "STOP", nil)
	if err != nil {
		return a, err
	}
	started, err := dst.Monitor.WaitEvent(ctx, 0, "RESUME", nil)
	if err != nil {
		return a, err
	}
	gap := started.Time().Sub(stopped.Time())
	return acked{float64(m.Downtime), float64(gap) / float64(time.Millisecond), float64(m.TotalTime)}, nil
}
