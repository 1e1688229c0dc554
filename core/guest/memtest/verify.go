package memtest

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"qmpmigrate/core/memory"
)

// MaxFindings is how many findings a Report lists; it counts all.
const MaxFindings = 64

// verifyChunk is how many pages are looked at between two looks at the context.
const verifyChunk = 1024

// Reasons for which memory cannot be looked at.
var (
	ErrRunning = errors.New("memory can only be verified while the guest is stopped")
	ErrClosed  = errors.New("the guest is closed")
)

// Report is what Verify found.
type Report struct {
	// Pages is how many pages were looked at: under stress all, under sweep
	// those that are swept, otherwise none.
	Pages uint64
	// Findings are the first MaxFindings bad pages in ascending order.
	Findings []Finding

	counts [kinds]uint64
}

// Count is how many pages are bad in that way.
func (r *Report) Count(k Kind) uint64 { return r.counts[k] }

// Bad is how many pages are bad.
func (r *Report) Bad() (n uint64) {
	for _, c := range r.counts {
		n += c
	}
	return n
}

// Verify compares all memory with what the workload must have left there, on
// all cores. The guest must be stopped (ErrRunning); a Start meanwhile waits
// for the end, Close makes it end with ErrClosed. It waits for memory that is
// still to come.
func (m *Machine) Verify(ctx context.Context) (*Report, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.leave()
	if m.running.Load() {
		return nil, ErrRunning
	}
	if !m.booted {
		return &Report{}, nil
	}
	m.board.ram.Refresh()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.closing, cancel)()
	report, err := inspect(ctx, m.board.ram, m.program.inspector(m.steps()))
	if m.closing.Err() != nil {
		err = ErrClosed
	}
	return report, err
}

func inspect(ctx context.Context, ram *memory.Block, in inspector) (*Report, error) {
	parts := make([]Report, workers())
	err := eachChunk(ctx, in.first, in.end, verifyChunk, func(worker int, first, end uint64) error {
		if !ram.WaitRange(first*memory.PageSize, (end-first)*memory.PageSize, ctx.Done()) {
			return ErrClosed
		}
		var part Report // not shared while it is written
		for n := first; n < end; n++ {
			if f, bad := in.look(n); bad {
				part.add(f)
			}
		}
		part.Pages = end - first
		parts[worker].merge(&part)
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := &Report{}
	for i := range parts {
		all.merge(&parts[i])
	}
	return all, nil
}

func (r *Report) add(f Finding) {
	r.counts[f.Kind]++
	if len(r.Findings) < MaxFindings {
		r.Findings = append(r.Findings, f)
	}
}

// merge adds what other found. Both keep their lowest pages, so the sum does too.
func (r *Report) merge(other *Report) {
	r.Pages += other.Pages
	for k, n := range other.counts {
		r.counts[k] += n
	}
	if len(other.Findings) == 0 {
		return
	}
	r.Findings = append(r.Findings, other.Findings...)
	slices.SortFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Page, b.Page) })
	r.Findings = r.Findings[:min(len(r.Findings), MaxFindings)]
}
