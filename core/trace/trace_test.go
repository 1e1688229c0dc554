package trace

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestSwitch(t *testing.T) {
	var lines []string
	s := NewSet(Lines(func(line string) { lines = append(lines, line) }))
	state, sync := s.Event(MigrateSetState), s.Event(MigrationBitmapSyncStart)
	state.Tell(Str("new_state", "setup"))
	if lines != nil {
		t.Errorf("silent, and still told %q", lines)
	}
	if err := s.Switch("migrat*set_state", true); err != nil || !state.On() || sync.On() {
		t.Errorf("%v; %v, %v", err, state.On(), sync.On())
	}
	state.Tell(Str("new_state", "active"))
	sync.Tell()
	if err := s.Switch("*", true); err != nil {
		t.Error(err)
	}
	sync.Tell()
	if want := []string{"migrate_set_state new_state=active", "migration_bitmap_sync_start"}; !slices.Equal(lines, want) {
		t.Errorf("told %q, want %q", lines, want)
	}
	if err := s.Switch("migrate_set_state", false); err != nil || state.On() {
		t.Errorf("%v, %v", err, state.On())
	}
}

func TestStates(t *testing.T) {
	s := NewSet(Lines(func(string) {}))
	if err := s.Switch("runstate_set", true); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]string{
		"runstate_???": "[{runstate_set true}]",
		"vmstate_????": "[{vmstate_load false} {vmstate_save false}]",
		"vm[s_]*":      "[]",
		"z*":           "[]",
	} {
		if got, err := s.States(pattern); fmt.Sprint(got) != want || err != nil {
			t.Errorf("%s: %v, %v, want %s", pattern, got, err, want)
		}
	}
	if all, _ := s.States("*"); len(all) != len(Names()) {
		t.Errorf("%d of %d", len(all), len(Names()))
	}
	for _, f := range []func(string) error{
		func(p string) error { _, err := s.States(p); return err },
		func(p string) error { return s.Switch(p, true) },
	} {
		if err := f("bogus"); !errors.Is(err, ErrUnknown) || err.Error() != `unknown event "bogus"` {
			t.Errorf("%v", err)
		}
	}
}

// TestNobody: without a set all is silent and nothing is known.
func TestNobody(t *testing.T) {
	var s *Set
	e := s.Event(RunStateSet)
	e.Tell(Str("nothing", ""))
	if _, err := s.States("runstate_set"); e.On() || err == nil {
		t.Error(e.On(), err)
	}
}

// What an event tells is its own: what becomes of the teller's fields does not change it.
func TestFieldsAreKept(t *testing.T) {
	var kept []Field
	s := NewSet(func(_ Name, fields []Field) { kept = fields })
	if err := s.Switch("*", true); err != nil {
		t.Fatal(err)
	}
	fields := []Field{Str("s", "x y"), Int("i", int8(-3)), Uint("u", ^uint64(0)), Bool("b", true), Err("e", errors.New("no")), Err("n", nil)}
	s.Event(RunStateSet).Tell(fields...)
	clear(fields)
	if got := Line("n", kept); got != "n s=x y i=-3 u=18446744073709551615 b=true e=no n=<nil>" {
		t.Error(got)
	}
}

// silent is an event that is off, of a set that tells nobody.
func silent() *Event { return NewSet(Lines(func(string) {})).Event(RunStateSet) }

// TestSilenceIsFree: the hot paths have events in them.
func TestSilenceIsFree(t *testing.T) {
	e, n := silent(), 4711
	if n := testing.AllocsPerRun(100, func() { e.Tell(Int("n", n), Str("s", "text"), Err("e", ErrUnknown)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkSilent is a point on a hot path, and one elsewhere.
func BenchmarkSilent(b *testing.B) {
	e := silent()
	b.Run("hot", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if e.On() {
				e.Tell(Int("n", i), Str("s", "text"))
			}
		}
	})
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			e.Tell(Int("n", i), Str("s", "text"))
		}
	})
}
