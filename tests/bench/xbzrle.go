package main

import (
	"context"
	"encoding/json"
	"fmt"

	"qmpmigrate/tests/emulator"
)

// A delta is what a migration took that sent what changed in pages.
type delta struct {
	pages    float64 // MiB of pages that went, in whatever form, per second of total-time
	size     float64 // bytes of a page whose changes went
	dstCPU   float64 // seconds per GiB of pages
	downtime float64 // ms
}

const (
	deltaPasses = 20      // over the memory, until the guest may stop
	deltaCache  = 1 << 28 // bytes: all of the guest
)

// xbzrle moves the usual test guest, which changes a byte in each page of 99 MiB, pass after pass.
func (s settings) xbzrle(ctx context.Context, dir string) (table, error) {
	t := table{
		title: fmt.Sprintf("xbzrle: running test guest, 150 MiB, a byte of every page of 99 MiB written all the time; "+
			"%d passes, then the guest may stop; tcp", deltaPasses),
		columns: []string{"", "", "MiB of pages/s", "bytes for a changed page", "destination CPU s/GiB", "downtime ms"},
	}
	w := way{capabilities: []string{"xbzrle"}, parameters: map[string]any{"xbzrle-cache-size": deltaCache, "downtime-limit": 1}}
	missing, err := s.missing(ctx, w)
	if err != nil {
		return t, err
	}
	if missing != "" {
		t.skip([]string{"xbzrle"}, missing)
		return t, nil
	}
	qemu, err := emulator.GuestArgs(dir, s.machine)
	if err != nil {
		return t, err
	}
	server := []string{"-machine", "memtest", "-m", fmt.Sprint(emulator.GuestMemory >> 20), "-nodefaults"}
	progress("running guest, xbzrle")
	theirs, ours, err := alternate(s.rounds,
		func() (delta, error) { return moveDeltas(ctx, s.qemu, qemu, w) },
		func() (delta, error) { return moveDeltas(ctx, s.server, server, w) })
	if err == nil {
		compare(&t, []string{"xbzrle"}, s.pair(), theirs, ours, deltaFigures())
	}
	return t, err
}

func deltaFigures() []figure[delta] {
	return []figure[delta]{
		{func(d delta) float64 { return d.pages }, "%.0f"},
		{func(d delta) float64 { return d.size }, "%.1f"},
		{func(d delta) float64 { return d.dstCPU }, "%.3f"},
		{func(d delta) float64 { return d.downtime }, "%.0f"},
	}
}

func moveDeltas(ctx context.Context, p emulator.Program, args []string, w way) (d delta, err error) {
	src, err := emulator.Start(ctx, p, "source", args...)
	if err != nil {
		return d, err
	}
	defer src.Close()
	if err := src.WaitBooted(ctx); err != nil {
		return d, err
	}
	dst, err := emulator.Start(ctx, p, "destination", append(args, "-incoming", "defer")...)
	if err != nil {
		return d, err
	}
	defer dst.Close()
	if err := w.set(ctx, src, dst); err != nil {
		return d, err
	}
	before, err := dst.CPUTime()
	if err != nil {
		return d, err
	}
	if err := emulator.TCP().Migrate(ctx, src, dst); err != nil {
		return d, err
	}
	if _, err := src.Monitor.WaitEvent(ctx, 0, "MIGRATION_PASS", passed(deltaPasses)); err != nil {
		return d, err
	}
	if err := src.SetParameters(ctx, map[string]any{"downtime-limit": 20_000}); err != nil {
		return d, err
	}
	if _, err := waitBoth(ctx, src, dst, 0); err != nil {
		return d, err
	}
	after, err := dst.CPUTime()
	if err != nil {
		return d, err
	}
	return readDeltas(ctx, src, (after - before).Seconds())
}

// passed accepts the event that tells of pass n or a later one.
func passed(n int) func(emulator.Event) bool {
	return func(e emulator.Event) bool {
		var data struct{ Pass int }
		return json.Unmarshal(e.Data, &data) == nil && data.Pass >= n
	}
}

func readDeltas(ctx context.Context, src *emulator.Emulator, dstCPU float64) (delta, error) {
	var m struct {
		emulator.Migration
		XBZRLE struct{ Bytes, Pages float64 } `json:"xbzrle-cache"`
	}
	if err := src.Execute(ctx, "query-migrate", nil, &m); err != nil {
		return delta{}, err
	}
	mib := (float64(m.RAM.Normal+m.RAM.Duplicate) + m.XBZRLE.Pages) / 256
	return delta{
		pages:    mib / (float64(m.TotalTime) / 1000),
		size:     m.XBZRLE.Bytes / max(m.XBZRLE.Pages, 1),
		dstCPU:   dstCPU / (mib / 1024),
		downtime: float64(m.Downtime),
	}, nil
}
