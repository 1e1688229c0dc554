package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// The guest of the first part, and the way that it has to go: wide enough to
// come to an end, narrow enough that this takes a few passes.
const (
	ownVCPUs    = 2
	ownWrites   = 48  // MiB per second and vCPU
	ownLink     = 256 // MiB per second
	ownDowntime = 60  // milliseconds, at most
)

// ownGuest shows a guest of our own, with so many MiB of memory, that moves
// while it writes.
func ownGuest(ctx context.Context, s *stage, memory int, out *screen) error {
	out.heading("1. A guest that never stops writing moves from one qmpmigrate to another")
	args := []string{"-m", strconv.Itoa(memory), "-smp", strconv.Itoa(ownVCPUs),
		"-machine", fmt.Sprintf("memtest,workload=stress,rate=%dM", ownWrites)}
	from, err := s.start("source", s.self, args...)
	if err != nil {
		return err
	}
	to, err := s.start("destination", s.self, append(args, "-incoming", "defer")...)
	if err != nil {
		return err
	}
	if err := meet(ctx, from, to); err != nil {
		return err
	}
	out.row("guest", "%d MiB of memory, and %d vCPUs that rewrite it page by page", memory, ownVCPUs)
	var still standstill
	var written int64
	moved, err := migrate(ctx, out, from, to, conduct.Options{
		URI: "unix:" + s.path("own.mig"),
		// A machine that is too busy for such a link slows the guest down, instead of never coming to an end.
		SourceCapabilities: map[string]bool{"auto-converge": true},
		Parameters:         map[string]any{"max-bandwidth": ownLink << 20, "downtime-limit": ownDowntime},
		OnEvent:            still.see,
		OnProgress: func(p conduct.Progress) {
			if written == 0 {
				written = p.DirtyRate // of the first pass, the only one that is long
			}
		},
	})
	if err != nil {
		return err
	}
	out.row("moved", "in %s; the guest stood still for %s of it", span(moved.TotalTime), span(still.time(moved.Downtime)))
	out.row("sent", "%s in %d passes, at %s/s; the guest wrote %s/s meanwhile",
		mebibytes(moved.Transferred), moved.Passes, mebibytes(moved.Rate()), mebibytes(written))
	if moved.RunState != "running" {
		return fmt.Errorf("the guest does not run on the destination, it is %s", moved.RunState)
	}
	pages, err := verify(ctx, to)
	if err != nil {
		return err
	}
	out.row("verified", "the guest ran on, and all of its %d pages are what it wrote", pages)
	return s.end()
}

// verify stops the guest where it is now and lets every page prove itself; it
// gives how many that are.
func verify(ctx context.Context, a *actor) (pages int64, err error) {
	if err := a.Execute(ctx, "stop", nil, nil); err != nil {
		return 0, err
	}
	var memory struct {
		Pages  int64
		Faulty int64 `json:"faulty-pages"`
	}
	if err := a.Execute(ctx, "x-verify-memory", nil, &memory); err != nil {
		return 0, err
	}
	if memory.Faulty != 0 || memory.Pages == 0 {
		return 0, fmt.Errorf("of %d pages that were verified on the destination %d are wrong", memory.Pages, memory.Faulty)
	}
	return memory.Pages, nil
}

// standstill is the time between a guest's stop on one side and its start on
// the other, which neither side can know. They have the same clock here.
type standstill struct{ from, to time.Time }

func (s *standstill) see(e conduct.Event) {
	switch e.Name {
	case "STOP":
		s.from = e.Time
	case "RESUME":
		s.to = e.Time
	}
}

// time is how long that was; where an event was missed, it is what the source says.
func (s *standstill) time(source time.Duration) time.Duration {
	if s.from.IsZero() || s.to.IsZero() {
		return source
	}
	return s.to.Sub(s.from)
}
