package main

import (
	"context"
	"fmt"
	"time"

	"qmpmigrate/tests/emulator"
)

// A moving is how a machine that does not run is moved.
type moving struct {
	head    []string // what the table says about it
	channel emulator.Channel
	way     way
	ready   bool // the destination's memory was allocated before
	cold    bool // it matters whether the destination's memory was ever touched
}

// stopped moves incompressible memory of machines that do not run, as records of one channel.
func (s settings) stopped(ctx context.Context, dir string) (table, error) {
	var list []moving
	for _, channel := range []emulator.Channel{emulator.TCP(), emulator.Unix()} {
		list = append(list,
			moving{head: []string{channel.Name, "cold"}, channel: channel, cold: true},
			moving{head: []string{channel.Name, "preallocated"}, channel: channel, ready: true})
	}
	return s.moves(ctx, dir, noisy(), s.size, []string{"channel", "destination memory"}, list)
}

// moves makes the table of a part: all movings of the same content.
func (s settings) moves(ctx context.Context, dir string, c content, size int64, head []string, list []moving) (table, error) {
	t := newMoves(c, size, head)
	list, err := s.possible(ctx, &t, list)
	if err != nil || len(list) == 0 {
		return t, err
	}
	from, err := s.startSources(ctx, dir, c, size)
	if err != nil {
		return t, err
	}
	defer from.close()
	return t, s.compareMoves(ctx, &t, from, size, list)
}

func newMoves(c content, size int64, head []string) table {
	return table{
		title: fmt.Sprintf("Stopped machine, %d MiB of %s", size, c.name),
		columns: append(head, "", "MiB/s", "source CPU s/GiB", "destination CPU s/GiB", "wall ms", "downtime ms",
			"MiB sent"),
	}
}

// possible leaves out what our build does not have, with a note.
func (s settings) possible(ctx context.Context, t *table, list []moving) (left []moving, err error) {
	for _, m := range list {
		missing, err := s.missing(ctx, m.way)
		switch {
		case err != nil:
			return nil, err
		case missing != "":
			t.skip(m.head, missing)
		default:
			left = append(left, m)
		}
	}
	return left, nil
}

func (s settings) compareMoves(ctx context.Context, t *table, from sources, size int64, list []moving) error {
	for _, m := range list {
		progress("stopped machine: %s", m.head)
		theirs, ours, err := alternate(s.rounds,
			func() (transfer, error) { return s.moveStopped(ctx, m, from.qemu, size) },
			func() (transfer, error) { return s.moveStopped(ctx, m, from.server, size) })
		if err != nil {
			return err
		}
		compare(t, m.head, s.pair(), theirs, ours, stoppedFigures())
	}
	return nil
}

func stoppedFigures() []figure[transfer] {
	return []figure[transfer]{
		{func(t transfer) float64 { return t.throughput }, "%.0f"},
		{func(t transfer) float64 { return t.srcCPU }, "%.3f"},
		{func(t transfer) float64 { return t.dstCPU }, "%.3f"},
		{func(t transfer) float64 { return t.wall }, "%.0f"},
		{func(t transfer) float64 { return t.downtime }, "%.0f"},
		{func(t transfer) float64 { return t.sent }, "%.1f"},
	}
}

// settle is a pause in which a virtual machine that runs this gives free memory back to its host, and the
// kernel its caches: without it the one whose turn comes sooner after somebody's end meets warmer memory.
const settle = 7 * time.Second

func pause(ctx context.Context) error {
	select {
	case <-time.After(settle):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s settings) moveStopped(ctx context.Context, m moving, src *emulator.Emulator, size int64) (result transfer, err error) {
	if m.cold {
		if err := pause(ctx); err != nil {
			return result, err
		}
	}
	dst, err := s.startDestination(ctx, src.Program, m.ready, size)
	if err != nil {
		return result, err
	}
	defer dst.Close()
	if result, err = measure(ctx, m.channel, m.way, src, dst, size); err != nil {
		return result, err
	}
	return result, again(ctx, src, m.way)
}

func (s settings) startDestination(ctx context.Context, p emulator.Program, ready bool, size int64) (*emulator.Emulator, error) {
	memory := coldMemory
	if ready {
		memory = readyMemory
	}
	return emulator.Start(ctx, p, "destination", append(s.machineOf(p, memory, size), "-incoming", "defer")...)
}

// again makes src ready for the next destination: a machine that has gone away must have run again before it can go
// another time.
func again(ctx context.Context, src *emulator.Emulator, w way) error {
	if err := waitGone(ctx, src); err != nil {
		return err
	}
	for _, command := range []string{"cont", "stop"} {
		if err := src.Execute(ctx, command, nil, nil); err != nil {
			return err
		}
	}
	return w.unset(ctx, src)
}

// waitGone waits until a source knows itself that its machine has gone: that comes a moment after it is completed.
func waitGone(ctx context.Context, src *emulator.Emulator) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		state, err := src.RunState(ctx)
		if err != nil || state != "finish-migrate" {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
