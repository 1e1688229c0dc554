package trace

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestSwitch(t *testing.T) {
	var lines []string
	s := NewSet(func(line string) { lines = append(lines, line) })
	state, sync := s.Event(MigrateSetState), s.Event(MigrationBitmapSyncStart)
	state.Tell("new state %s", "setup")
	if lines != nil {
		t.Errorf("silent, and still told %q", lines)
	}
	if err := s.Switch("migrat*set_state", true); err != nil || !state.On() || sync.On() {
		t.Errorf("%v; %v, %v", err, state.On(), sync.On())
	}
	state.Tell("new state %s", "active")
	sync.Tell("")
	if err := s.Switch("*", true); err != nil {
		t.Error(err)
	}
	sync.Tell("")
	if want := []string{"migrate_set_state new state active", "migration_bitmap_sync_start "}; !slices.Equal(lines, want) {
		t.Errorf("told %q, want %q", lines, want)
	}
	if err := s.Switch("migrate_set_state", false); err != nil || state.On() {
		t.Errorf("%v, %v", err, state.On())
	}
}

func TestStates(t *testing.T) {
	s := NewSet(func(string) {})
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
	e.Tell("nothing")
	if _, err := s.States("runstate_set"); e.On() || err == nil {
		t.Error(e.On(), err)
	}
}

// TestSilenceIsFree: the hot paths have events in them.
func TestSilenceIsFree(t *testing.T) {
	e := NewSet(func(string) {}).Event(RunStateSet)
	if n := testing.AllocsPerRun(100, func() {
		if e.On() {
			e.Tell("%d", 1)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
