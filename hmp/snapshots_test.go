package hmp

import (
	"slices"
	"testing"
)

// kept are two snapshots, of which nothing but the names is known.
type kept struct{ others }

type others = Snapshots

func (kept) SnapshotNames() []string { return []string{"first", "second"} }

func TestSnapshotsAreCompleted(t *testing.T) {
	s := New(Config{Commands: &fake{}, Snapshots: kept{}})
	defer s.Close(t.Context())
	c := &call{server: s, ctx: t.Context()}
	for line, want := range map[string][]string{
		"loadvm f": {"first"}, "delvm ": {"first", "second"}, "loadvm x": nil, "loadvm first ": nil, "savevm ": nil,
	} {
		if got, _ := c.candidates(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q", line, got)
		}
	}
}
