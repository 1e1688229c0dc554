package sections

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
)

// part is a section that tells what was asked of it.
type part struct {
	name    string
	told    *[]string
	pends   uint64
	stopped uint64
	idle    bool
	err     error
	spend   func(room func() int64)
}

func (p *part) tell(what string) error {
	*p.told = append(*p.told, p.name+" "+what)
	return p.err
}

func (p *part) Start(*stream.Writer, time.Time) error { return p.tell("start") }
func (p *part) Pending() uint64                       { return p.pends }
func (p *part) Sync(time.Time) uint64                 { return p.stopped }
func (p *part) Active() bool                          { return !p.idle }
func (p *part) Complete(*stream.Writer) error         { return p.tell("complete") }
func (p *part) Close()                                { _ = p.tell("close") }

func (p *part) Iterate(_ *stream.Writer, room func() int64) error {
	if p.spend != nil {
		p.spend(room)
	}
	return p.tell("iterate")
}

func newParts() (all List, told *[]string) {
	told = &[]string{}
	for _, p := range []*part{
		{name: "ram", pends: 10, stopped: 30},
		{name: "dev", pends: 1, stopped: 5},
		{name: "late", stopped: 2, idle: true},
	} {
		p.told = told
		all = append(all, &savevm.Live{IDStr: p.name, Version: 1, Postcopy: p.name == "ram", Source: p})
	}
	return all, told
}

func TestSectionsTakeTurns(t *testing.T) {
	all, told := newParts()
	s := savevm.NewSaver(stream.NewWriter(io.Discard))
	left := int64(100)
	turn := NewTurn(func() int64 { return left })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(all.Start(s, time.Time{}))
	must(all.Iterate(s, false, turn))
	must(all.Iterate(s, true, turn))
	all[0].Source.(*part).spend = func(func() int64) { left = 0 }
	must(all.Iterate(s, false, turn))
	must(all.Complete(s, true))
	must(all.Complete(s, false))
	all.Close()
	want := []string{"ram start", "dev start", "late start",
		"ram iterate", "dev iterate", // late has no PARTs
		"ram iterate",                   // in postcopy only what can go on
		"ram iterate",                   // nothing is left for dev
		"dev complete", "late complete", // ram goes on in postcopy
		"ram complete", "dev complete", "late complete",
		"ram close", "dev close", "late close"}
	if !slices.Equal(*told, want) {
		t.Errorf("%q, want %q", *told, want)
	}
	if pre, post := all.Pending(); pre != 1 || post != 10 {
		t.Errorf("pending %d, %d", pre, post)
	}
	if pre, post := all.Sync(time.Time{}); pre != 7 || post != 30 {
		t.Errorf("after a sync %d, %d", pre, post)
	}
}

// A section that takes all the time that there is does not take the next one's.
func TestEachSectionHasItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, _ := newParts()
		rounds := map[string]int{}
		for _, l := range all {
			p := l.Source.(*part)
			p.spend = func(room func() int64) {
				for room() > 0 {
					time.Sleep(10 * time.Millisecond)
					rounds[p.name]++
				}
			}
		}
		s := savevm.NewSaver(stream.NewWriter(io.Discard))
		if err := all.Iterate(s, false, NewTurn(func() int64 { return 1 })); err != nil {
			t.Fatal(err)
		}
		if rounds["ram"] != 5 || rounds["dev"] != 5 {
			t.Errorf("rounds of 10 ms: %v", rounds)
		}
	})
}

func TestSectionThatFails(t *testing.T) {
	for _, step := range []func(List, *savevm.Saver) error{
		func(all List, s *savevm.Saver) error {
			return all.Iterate(s, false, NewTurn(func() int64 { return 1 }))
		},
		func(all List, s *savevm.Saver) error { return all.Complete(s, false) },
	} {
		all, told := newParts()
		s := savevm.NewSaver(stream.NewWriter(io.Discard))
		if err := all.Start(s, time.Time{}); err != nil {
			t.Fatal(err)
		}
		cause := errors.New("cause")
		all[1].Source.(*part).err = cause
		err := step(all, s)
		if want := "failed to save SaveStateEntry with id(name): 2(dev): cause"; !errors.Is(err, cause) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if last := (*told)[len(*told)-1]; last[:3] != "dev" {
			t.Errorf("went on to %s", last)
		}
	}
}

func TestIterateAllocatesNothing(t *testing.T) {
	all, told := newParts()
	*told = make([]string, 0, 1<<12)
	for _, l := range all {
		l.Source = quiet{}
	}
	s := savevm.NewSaver(stream.NewWriter(io.Discard))
	turn := NewTurn(func() int64 { return 1 })
	if n := testing.AllocsPerRun(100, func() { _ = all.Iterate(s, false, turn); all.Pending() }); n > 0 {
		t.Error(fmt.Sprint(n, " allocations in a round of three sections"))
	}
}

// quiet is a section without contents.
type quiet struct{}

func (quiet) Start(*stream.Writer, time.Time) error      { return nil }
func (quiet) Pending() uint64                            { return 0 }
func (quiet) Sync(time.Time) uint64                      { return 0 }
func (quiet) Active() bool                               { return true }
func (quiet) Iterate(*stream.Writer, func() int64) error { return nil }
func (quiet) Complete(*stream.Writer) error              { return nil }
func (quiet) Close()                                     {}
