package main

import (
	"context"
	"fmt"

	"qmpmigrate/tests/emulator"
)

// live moves the usual test guest, which writes one byte of every page of 99 MiB as fast as it can: QEMU's
// in its emulated CPU, qmpmigrate's built in.
func (s settings) live(ctx context.Context, dir string) (table, error) {
	t := table{
		title:   "Running test guest, 150 MiB, 99 MiB of it written all the time; downtime limit 300 ms",
		columns: []string{"channel", "", "total ms", "downtime ms", "wall ms"},
	}
	qemu, err := emulator.GuestArgs(dir, s.machine)
	if err != nil {
		return t, err
	}
	server := []string{"-machine", "memtest", "-m", fmt.Sprint(emulator.GuestMemory >> 20), "-nodefaults"}
	for _, channel := range []emulator.Channel{emulator.TCP(), emulator.Unix()} {
		progress("running guest over %s", channel)
		theirs, ours, err := alternate(s.rounds,
			func() (transfer, error) { return moveLive(ctx, channel, s.qemu, qemu) },
			func() (transfer, error) { return moveLive(ctx, channel, s.server, server) })
		if err != nil {
			return t, err
		}
		compare(&t, []string{channel.Name}, s.pair(), theirs, ours, liveFigures())
	}
	return t, nil
}

func liveFigures() []figure[transfer] {
	return []figure[transfer]{
		{func(t transfer) float64 { return t.total }, "%.0f"},
		{func(t transfer) float64 { return t.downtime }, "%.0f"},
		{func(t transfer) float64 { return t.wall }, "%.0f"},
	}
}

func moveLive(ctx context.Context, c emulator.Channel, p emulator.Program, args []string) (transfer, error) {
	src, err := emulator.Start(ctx, p, "source", args...)
	if err != nil {
		return transfer{}, err
	}
	defer src.Close()
	if err := src.WaitBooted(ctx); err != nil {
		return transfer{}, err
	}
	dst, err := emulator.Start(ctx, p, "destination", append(args, "-incoming", "defer")...)
	if err != nil {
		return transfer{}, err
	}
	defer dst.Close()
	return measure(ctx, c, way{}, src, dst, emulator.GuestMemory>>20)
}
