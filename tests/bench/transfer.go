package main

import (
	"context"
	"strings"
	"time"

	"qmpmigrate/tests/emulator"
)

// A transfer is what one migration took.
type transfer struct {
	throughput     float64 // MiB of stream per second of total-time
	wall           float64 // ms from the command until the destination had completed
	total          float64 // ms, query-migrate's total-time
	downtime       float64 // ms, query-migrate's downtime
	srcCPU, dstCPU float64 // seconds per GiB of stream
}

// measure migrates src to dst without limits and stops the clocks when both have said that they are done.
func measure(ctx context.Context, channel emulator.Channel, src, dst *emulator.Emulator) (transfer, error) {
	for _, e := range []*emulator.Emulator{src, dst} {
		if err := e.SetCapabilities(ctx, "events"); err != nil {
			return transfer{}, err
		}
		if err := e.SetParameters(ctx, map[string]any{"max-bandwidth": 0}); err != nil {
			return transfer{}, err
		}
	}
	before, err := cpuTimes(src, dst)
	if err != nil {
		return transfer{}, err
	}
	srcEvents, begin := len(src.Monitor.Events()), time.Now()
	if err := channel.Migrate(ctx, src, dst); err != nil {
		return transfer{}, err
	}
	if err := waitCompleted(ctx, src, srcEvents); err != nil {
		return transfer{}, err
	}
	if err := waitCompleted(ctx, dst, 0); err != nil {
		return transfer{}, err
	}
	wall := time.Since(begin)
	after, err := cpuTimes(src, dst)
	if err != nil {
		return transfer{}, err
	}
	m, err := src.WaitMigration(ctx, "completed")
	if err != nil {
		return transfer{}, err
	}
	gib := float64(m.RAM.Transferred) / (1 << 30)
	return transfer{
		throughput: gib * 1024 / (float64(m.TotalTime) / 1000),
		wall:       wall.Seconds() * 1000,
		total:      float64(m.TotalTime),
		downtime:   float64(m.Downtime),
		srcCPU:     (after[0] - before[0]).Seconds() / gib,
		dstCPU:     (after[1] - before[1]).Seconds() / gib,
	}, nil
}

func cpuTimes(emulators ...*emulator.Emulator) (times []time.Duration, err error) {
	for _, e := range emulators {
		used, err := e.CPUTime()
		if err != nil {
			return nil, err
		}
		times = append(times, used)
	}
	return times, nil
}

// waitCompleted waits by event: polling would cost both sides CPU time.
func waitCompleted(ctx context.Context, e *emulator.Emulator, from int) error {
	_, err := e.Monitor.WaitEvent(ctx, from, "MIGRATION", func(event emulator.Event) bool {
		return strings.Contains(string(event.Data), `"completed"`) || strings.Contains(string(event.Data), `"failed"`)
	})
	if err != nil {
		return err
	}
	_, err = e.WaitMigration(ctx, "completed")
	return err
}
