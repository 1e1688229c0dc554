package main

import (
	"context"

	"qmpmigrate/tests/emulator"
)

// A startup is what a server that nobody asks anything costs.
type startup struct {
	greeting float64 // ms from the start of the process
	resident float64 // MiB, when it has answered one command
}

// idle starts servers that have nothing to do.
func (s settings) idle(ctx context.Context, _ string) (table, error) {
	t := table{
		title:   "Idle server",
		columns: []string{"machine", "", "start to greeting ms", "resident MiB"},
	}
	server := []string{"-machine", "memtest", "-m", "150", "-nodefaults", "-S"}
	for _, row := range []struct {
		name string
		qemu []string
	}{
		{"QEMU: pc, stopped", []string{"-machine", s.machine, "-m", "150", "-nodefaults", "-S", "-accel", "tcg"}},
		{"QEMU: none", []string{"-machine", "none", "-nodefaults"}},
	} {
		progress("idle server, %s", row.name)
		theirs, ours, err := alternate(2*s.rounds+1,
			func() (startup, error) { return startIdle(ctx, s.qemu, row.qemu) },
			func() (startup, error) { return startIdle(ctx, s.server, server) })
		if err != nil {
			return t, err
		}
		compare(&t, []string{row.name}, s.pair(), theirs, ours, []figure[startup]{
			{func(s startup) float64 { return s.greeting }, "%.1f"},
			{func(s startup) float64 { return s.resident }, "%.1f"},
		})
	}
	return t, nil
}

func startIdle(ctx context.Context, p emulator.Program, args []string) (startup, error) {
	e, err := emulator.Start(ctx, p, "idle", args...)
	if err != nil {
		return startup{}, err
	}
	defer e.Close()
	if _, err := e.RunState(ctx); err != nil {
		return startup{}, err
	}
	resident, _, err := e.ResidentMemory()
	return startup{e.StartTime.Seconds() * 1000, float64(resident) / (1 << 20)}, err
}
