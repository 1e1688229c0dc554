package main

import (
	"context"
	"fmt"

	"qmpmigrate/tests/emulator"
)

// The link of dirtying, and how fast its guest writes, in MiB/s.
const (
	dirtyingLink = 400
	dirtyingRate = dirtyingLink / 2
)

// A stay is what a guest that writes all the time felt of its migration.
type stay struct {
	downtime float64 // ms, query-migrate's downtime
	sent     float64 // MiB that went out while the VM stood
	total    float64 // ms, query-migrate's total-time
	passes   float64
}

// dirtying moves a guest that writes half as much as the link carries: QEMU's in its emulated CPU, ours built in, both
// page by page all over their memory. The guest must be stopped with some of its memory still to go; how much is
// the same rule for both.
func (s settings) dirtying(ctx context.Context, dir string) (table, error) {
	t := table{
		title: fmt.Sprintf("Guest of %d MiB that writes %d MiB/s over a link of %d MiB/s; downtime limit 300 ms",
			s.size, dirtyingRate, dirtyingLink),
		columns: []string{"channel", "", "downtime ms", "MiB while down", "total ms", "passes"},
	}
	qemu, err := emulator.PacedGuestArgs(dir, s.machine, s.size, dirtyingRate<<20)
	if err != nil {
		return t, err
	}
	server := []string{"-machine", fmt.Sprintf("memtest,workload=stress,update-size=8,rate=%dM", dirtyingRate),
		"-m", fmt.Sprint(s.size), "-nodefaults"}
	for _, channel := range []emulator.Channel{emulator.TCP(), emulator.Unix()} {
		progress("guest that writes half of the link's rate over %s", channel)
		theirs, ours, err := alternate(s.rounds,
			func() (stay, error) { return moveDirtying(ctx, channel, s.qemu, qemu) },
			func() (stay, error) { return moveDirtying(ctx, channel, s.server, server) })
		if err != nil {
			return t, err
		}
		compare(&t, []string{channel.Name}, s.pair(), theirs, ours, []figure[stay]{
			{func(s stay) float64 { return s.downtime }, "%.0f"},
			{func(s stay) float64 { return s.sent }, "%.0f"},
			{func(s stay) float64 { return s.total }, "%.0f"},
			{func(s stay) float64 { return s.passes }, "%.0f"},
		})
	}
	return t, nil
}

func moveDirtying(ctx context.Context, c emulator.Channel, p emulator.Program, args []string) (stay, error) {
	src, err := emulator.Start(ctx, p, "source", args...)
	if err != nil {
		return stay{}, err
	}
	defer src.Close()
	// Ours answers once it has filled its memory.
	if p.QEMU {
		err = src.WaitBooted(ctx)
	}
	if err != nil {
		return stay{}, err
	}
	dst, err := emulator.Start(ctx, p, "destination", append(args[:len(args):len(args)], "-incoming", "defer")...)
	if err != nil {
		return stay{}, err
	}
	defer dst.Close()
	for _, e := range []*emulator.Emulator{src, dst} {
		if err := e.SetCapabilities(ctx, "events"); err != nil {
			return stay{}, err
		}
	}
	if err := src.SetParameters(ctx, map[string]any{"max-bandwidth": int64(dirtyingLink << 20), "downtime-limit": 300}); err != nil {
		return stay{}, err
	}
	from := len(src.Monitor.Events())
	if err := c.Migrate(ctx, src, dst); err != nil {
		return stay{}, err
	}
	if err := waitCompleted(ctx, src, from); err != nil {
		return stay{}, err
	}
	if err := waitCompleted(ctx, dst, 0); err != nil {
		return stay{}, err
	}
	m, err := src.WaitMigration(ctx, "completed")
	return stay{
		downtime: float64(m.Downtime),
		sent:     float64(m.RAM.DowntimeBytes) / (1 << 20),
		total:    float64(m.TotalTime),
		passes:   float64(m.RAM.SyncCount),
	}, err
}
