package memtest

import (
	"context"
	"errors"
	"testing"

	"qmpmigrate/core/memory"
)

func TestVerifyNeedsAStoppedGuest(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 1 << 20, Workload: NewStress()})
	if r := verify(t, m); r.Pages != 0 {
		t.Errorf("before the first boot: %+v", r)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Verify(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("while running: %v", err)
	}
	m.Stop()
	mustBeGood(t, m)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A report counts every bad page and lists the first, however many workers there are.
func TestReportListsTheFirst(t *testing.T) {
	in := inspector{first: 10, end: 100_000, look: func(n uint64) (Finding, bool) {
		return Finding{Page: n, Kind: Kind(n % kinds)}, n%3 == 0
	}}
	r, err := inspect(t.Context(), new(memory.Block), in)
	if err != nil {
		t.Fatal(err)
	}
	if r.Pages != 99_990 || r.Bad() != 33_330 || r.Count(Torn) != 0 || r.Count(Lost) == 0 {
		t.Errorf("%d pages, %d bad, %v", r.Pages, r.Bad(), r.counts)
	}
	if len(r.Findings) != MaxFindings {
		t.Fatalf("%d findings", len(r.Findings))
	}
	for i, f := range r.Findings {
		if f.Page != 12+3*uint64(i) {
			t.Fatalf("finding %d is page %d", i, f.Page)
		}
	}
}

func TestFindingText(t *testing.T) {
	for _, c := range []struct {
		Finding
		text string
	}{
		{Finding{Page: 16, Kind: Swapped, Other: 17}, "page 0x10: swapped: holds page 0x11"},
		{Finding{Page: 16, Kind: Stale, Found: 3, Expected: 4}, "page 0x10: stale: generation 3, expected 4"},
		{Finding{Page: 16, Kind: Torn}, "page 0x10: torn"},
	} {
		if got := c.String(); got != c.text {
			t.Errorf("%q, want %q", got, c.text)
		}
	}
}
