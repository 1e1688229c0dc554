package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"qmpmigrate/tests/emulator"
)

// A transfer is what one migration took.
type transfer struct {
	throughput     float64 // MiB of guest memory per second of total-time
	sent           float64 // MiB of stream
	wall           float64 // ms from the command until the destination had completed
	total          float64 // ms, query-migrate's total-time
	downtime       float64 // ms, query-migrate's downtime
	srcCPU, dstCPU float64 // seconds per GiB of guest memory
}

// measure migrates src, of so many MiB, to dst that way, without limits, and stops the clocks when both have said
// that they are done.
func measure(ctx context.Context, channel emulator.Channel, w way, src, dst *emulator.Emulator, size int64) (transfer, error) {
	if err := w.set(ctx, src, dst); err != nil {
		return transfer{}, err
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
		return transfer{}, fmt.Errorf("%w (destination: %w)", err, lastWord(ctx, dst))
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
	gib := float64(size) / 1024
	return transfer{
		throughput: float64(size) / (float64(m.TotalTime) / 1000),
		sent:       float64(m.RAM.Transferred) / (1 << 20),
		wall:       wall.Seconds() * 1000,
		total:      float64(m.TotalTime),
		downtime:   float64(m.Downtime),
		srcCPU:     (after[0] - before[0]).Seconds() / gib,
		dstCPU:     (after[1] - before[1]).Seconds() / gib,
	}, nil
}

// lastWord is what an emulator says about a migration that went wrong.
func lastWord(ctx context.Context, e *emulator.Emulator) error {
	m, err := e.QueryMigrate(ctx)
	if err != nil {
		return err
	}
	return errors.New(m.Status + " " + m.ErrorDesc)
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
