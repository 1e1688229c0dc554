package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"qmpmigrate/tests/emulator"
)

func delayFigures() []figure[delay] {
	return []figure[delay]{
		{func(d delay) float64 { return d.requests }, "%.0f"},
		{func(d delay) float64 { return d.p50 }, "%.0f"},
		{func(d delay) float64 { return d.p90 }, "%.0f"},
		{func(d delay) float64 { return d.p99 }, "%.0f"},
		{func(d delay) float64 { return d.max }, "%.0f"},
		{func(d delay) float64 { return d.wall }, "%.0f"},
		{func(d delay) float64 { return d.downtime }, "%.0f"},
	}
}

// faults moves a guest with one vCPU that writes to random pages of all its memory, by postcopy from the
// start: how long a page takes that the guest waits for. Memory that vCPUs in another process share is mapped
// in small pages; QEMU is measured with such memory, too, besides what it takes by itself.
func (s settings) faults(ctx context.Context, dir string) (table, error) {
	t := table{
		title: fmt.Sprintf("Pages that a guest waits for in postcopy: %d MiB, random writes, tcp", s.size),
		columns: []string{"preempt", "bandwidth", "", "requests", "p50 µs", "p90 µs", "p99 µs", "max µs",
			"wall ms", "downtime ms"},
	}
	qemu, err := emulator.RandomGuestArgs(dir, s.machine, s.size)
	if err != nil {
		return t, err
	}
	shared := append(slices.Clone(qemu), "-object", fmt.Sprintf("memory-backend-memfd,id=m0,size=%dM,share=on", s.size),
		"-machine", "memory-backend=m0")
	server := []string{"-machine", "memtest,workload=stress,fill=100,entropy=100,zero=0", "-accel", "uffd",
		"-m", fmt.Sprint(s.size), "-smp", "1", "-nodefaults"}
	sharing := s.qemu.Name + ", shared memory"
	for _, preempt := range []bool{false, true} {
		for _, limit := range []int64{0, 100 << 20} {
			w, head := postcopyWay(preempt, limit)
			progress("page faults, preempt %s, bandwidth %s", head[0], head[1])
			results, err := inTurns(s.rounds,
				func() (delay, error) { return moveFaulting(ctx, s.qemu, qemu, w) },
				func() (delay, error) { return moveFaulting(ctx, s.qemu, shared, w) },
				func() (delay, error) { return moveFaulting(ctx, s.server, server, w) })
			if err != nil {
				return t, err
			}
			for i, name := range []string{s.qemu.Name, sharing, s.server.Name} {
				medians(&t, head, name, results[i], delayFigures())
			}
			ratios(&t, head, "ratio to "+s.qemu.Name, results[0], results[2], delayFigures())
			ratios(&t, head, "ratio to "+sharing, results[1], results[2], delayFigures())
		}
	}
	return t, nil
}

// postcopyWay gives also what the table says about it.
func postcopyWay(preempt bool, limit int64) (w way, head []string) {
	w = way{capabilities: []string{"postcopy-ram"}, parameters: map[string]any{"max-postcopy-bandwidth": limit}}
	head = []string{"off", "unlimited"}
	if preempt {
		w.capabilities = append(w.capabilities, "postcopy-preempt")
		head[0] = "on"
	}
	if limit > 0 {
		head[1] = fmt.Sprintf("%d MiB/s", limit>>20)
	}
	return w, head
}

func moveFaulting(ctx context.Context, p emulator.Program, args []string, w way) (result delay, err error) {
	src, err := emulator.Start(ctx, p, "source", args...)
	if err != nil {
		return result, err
	}
	defer src.Close()
	if err := waitFull(ctx, src); err != nil {
		return result, err
	}
	dst, err := emulator.Start(ctx, p, "destination", slices.Concat(args, []string{"-incoming", "defer"}, logRequests())...)
	if err != nil {
		return result, err
	}
	defer dst.Close()
	if err := w.set(ctx, src, dst); err != nil {
		return result, err
	}
	from := len(src.Monitor.Events())
	before, err := cpuTimes(src, dst)
	if err != nil {
		return result, err
	}
	begin, err := straight(ctx, src, dst)
	if err != nil {
		return result, err
	}
	m, err := waitPostcopy(ctx, src, dst, from)
	if err != nil {
		return result, err
	}
	wall := time.Since(begin)
	after, err := cpuTimes(src, dst)
	if err != nil {
		return result, err
	}
	if result, err = readDelay(dst); err != nil {
		return result, err
	}
	result.srcCPU, result.dstCPU = (after[0] - before[0]).Seconds(), (after[1] - before[1]).Seconds()
	result.wall, result.downtime = wall.Seconds()*1000, float64(m.Downtime)
	return result, nil
}

// waitFull waits until the guest has filled its memory and runs.
func waitFull(ctx context.Context, e *emulator.Emulator) error {
	if e.Program.QEMU {
		return e.WaitBooted(ctx)
	}
	for _, command := range []string{"stop", "cont"} {
		if err := e.Execute(ctx, command, nil, nil); err != nil {
			return err
		}
	}
	return nil
}
