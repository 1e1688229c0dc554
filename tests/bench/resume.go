package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"qmpmigrate/tests/emulator"
)

// A resumption is how a guest came back from where it was parked.
type resumption struct {
	runs   float64 // ms from the command to migrate until the destination's VM runs
	prints float64 // ms from there until its guest prints
	done   float64 // ms from there until both ends were done
	sent   float64 // MiB
}

func resumptionFigures() []figure[resumption] {
	return []figure[resumption]{
		{func(r resumption) float64 { return r.runs }, "%.0f"},
		{func(r resumption) float64 { return r.prints }, "%.0f"},
		{func(r resumption) float64 { return r.done }, "%.0f"},
		{func(r resumption) float64 { return r.sent }, "%.0f"},
	}
}

// resume lets a parked guest of QEMU's go on in a new QEMU, by precopy and by postcopy. No page of it is
// zero, and it prints whenever it has written to so many random pages, of all that it has.
func (s settings) resume(ctx context.Context, dir string) (table, error) {
	t := table{
		title: fmt.Sprintf("%s: a parked guest goes on, %d MiB, a letter for every %d random pages, tcp",
			s.qemu, s.size, emulator.RandomLetter),
		columns: []string{"bandwidth", "", "VM runs ms", "guest prints ms", "all is there ms", "MiB sent"},
	}
	args, err := emulator.RandomGuestArgs(dir, s.machine, s.size)
	if err != nil {
		return t, err
	}
	src, err := emulator.Start(ctx, s.qemu, "source", args...)
	if err != nil {
		return t, err
	}
	defer src.Close()
	if err := src.WaitBooted(ctx); err != nil {
		return t, err
	}
	// It writes faster than any channel carries, and need not run while it is being parked.
	if err := src.SetParameters(ctx, map[string]any{"downtime-limit": 60_000}); err != nil {
		return t, err
	}
	for _, limit := range []int64{0, 100 << 20} {
		name := "unlimited"
		if limit > 0 {
			name = fmt.Sprintf("%d MiB/s", limit>>20)
		}
		progress("parked guest, bandwidth %s", name)
		limits := map[string]any{"max-bandwidth": limit, "max-postcopy-bandwidth": limit}
		precopy, postcopy, err := alternate(s.rounds,
			func() (resumption, error) { return s.park(ctx, src, args, way{parameters: limits}) },
			func() (resumption, error) {
				return s.park(ctx, src, args, way{capabilities: []string{"postcopy-ram"}, parameters: limits})
			})
		if err != nil {
			return t, err
		}
		compare(&t, []string{name}, [2]string{"precopy", "postcopy"}, precopy, postcopy, resumptionFigures())
	}
	return t, nil
}

// park moves src, which runs on afterwards, to a new server, and from there to a new QEMU, which is measured.
func (s settings) park(ctx context.Context, src *emulator.Emulator, args []string, w way) (r resumption, err error) {
	parked, err := emulator.Start(ctx, s.server, "parked", "-machine", "adopt", "-incoming", "defer")
	if err != nil {
		return r, err
	}
	defer parked.Close()
	if _, err := measure(ctx, emulator.TCP(), way{}, src, parked, s.size); err != nil {
		return r, err
	}
	dst, err := emulator.Start(ctx, s.qemu, "destination", append(args, "-incoming", "defer")...)
	if err != nil {
		return r, err
	}
	defer dst.Close()
	if r, err = goOn(ctx, parked, dst, w); err != nil {
		return r, err
	}
	if err := src.Execute(ctx, "cont", nil, nil); err != nil {
		return r, err
	}
	return r, src.WaitSerial(ctx, "B", 1)
}

func goOn(ctx context.Context, parked, dst *emulator.Emulator, w way) (r resumption, err error) {
	if err := w.set(ctx, parked, dst); err != nil {
		return r, err
	}
	uri, err := dst.IncomingTCP(ctx)
	if err != nil {
		return r, err
	}
	from, begin := len(parked.Monitor.Events()), time.Now()
	since := func() float64 { return time.Since(begin).Seconds() * 1000 }
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		_, err := dst.Monitor.WaitEvent(ctx, 0, "RESUME", nil)
		r.runs = since()
		return err
	})
	g.Go(func() error {
		err := waitPrinted(ctx, dst)
		r.prints = since()
		return err
	})
	g.Go(func() error {
		wait := waitBoth
		err := parked.MigrateTo(ctx, uri)
		if err == nil && len(w.capabilities) > 0 {
			wait = waitPostcopy
			err = parked.StartPostcopy(ctx)
		}
		if err != nil {
			return err
		}
		m, err := wait(ctx, parked, dst, from)
		r.done, r.sent = since(), float64(m.RAM.Transferred)/(1<<20)
		return err
	})
	err = g.Wait()
	return r, err
}

// waitPrinted returns as soon as the guest has printed on e.
func waitPrinted(ctx context.Context, e *emulator.Emulator) error {
	tick := time.NewTicker(time.Millisecond / 2)
	defer tick.Stop()
	for !e.Printed() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
