package savevm

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// keeper is a machine that knows the section "memory" and keeps every other.
type keeper struct {
	machine
	names []string
	kept  []*Kept
}

func (k *keeper) Keep(idstr string, _, _ uint32) *Kept {
	k.names, k.kept = append(k.names, idstr), append(k.kept, &Kept{})
	return k.kept[len(k.kept)-1]
}

func (k *keeper) load(data []byte) error {
	l := &Loader{Target: k, Live: []Live{{IDStr: "memory", Version: 1, Target: &pile{}}},
		Command: func(wire.CommandCode, []byte) error { return nil }}
	return l.Load(stream.NewReader(bytes.NewReader(data)))
}

// piled is a stream of memory and of the section "pile" of source, of which so many parts go out before its END.
func piled(t *testing.T, source Iterable, early int, devices ...Device) []byte {
	t.Helper()
	var out bytes.Buffer
	s := NewSaver(stream.NewWriter(&out))
	s.Begin(&Configuration{Machine: "test"})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pile := Live{IDStr: "pile", Instance: 7, Version: 1, Source: source}
	memory := Live{IDStr: "memory", Version: 1, Source: &heap{}}
	must(s.Start(&pile, time.Time{}))
	must(s.Start(&memory, time.Time{}))
	for range early {
		must(s.Part(&pile, nil))
	}
	s.Command(wire.CmdSwitchoverStart, nil)
	must(s.End(&memory))
	must(s.End(&pile))
	for _, d := range devices {
		must(s.Device(d))
	}
	must(s.Finish(nil))
	return out.Bytes()
}

// What nobody knows goes on as it came, however much of it went out before the VM stopped, and as often as is tried.
func TestKept(t *testing.T) {
	k := &keeper{machine: machine{opaque: true}}
	if err := k.load(piled(t, &heap{}, 1, (&machine{ticks: 77}).ticker())); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(k.names, []string{"pile"}) || !k.kept[0].Ended() {
		t.Fatalf("kept %q", k.names)
	}
	kept := k.kept[0]
	for _, early := range []int{1, 0, 1} {
		p := &pile{}
		l := &Loader{Target: &machine{}, Live: []Live{{IDStr: "pile", Instance: 7, Version: 1, Target: p}, {IDStr: "memory", Version: 1, Target: &pile{}}},
			Command: func(wire.CommandCode, []byte) error { return nil }}
		err := l.Load(stream.NewReader(bytes.NewReader(piled(t, kept, early, k.devices...))))
		if err != nil || string(p.got) != "\x01\x02\x03" {
			t.Errorf("%d parts early: % x, %v", early, p.got, err)
		}
	}
	var w bytes.Buffer
	if err := kept.Start(stream.NewWriter(&w), time.Time{}); err != nil || kept.Pending() != 1 || !kept.Active() {
		t.Errorf("%v, %d pending", err, kept.Pending())
	}
	if err := kept.Iterate(stream.NewWriter(&w), nil); err != nil || kept.Sync(time.Time{}) != 0 || kept.Active() {
		t.Errorf("%v, %d pending", err, kept.Pending())
	}
}

// A machine that keeps nothing, a section that does not end, and one that has parts where memory has not begun: it may
// be memory, by another name.
func TestKeptNot(t *testing.T) {
	data := piled(t, &heap{}, 1)
	const unknown = "Unknown savevm section or instance 'pile' 7"
	l := &Loader{Target: &machine{}, Command: func(wire.CommandCode, []byte) error { return nil }}
	if err := l.Load(stream.NewReader(bytes.NewReader(data))); err == nil || !strings.Contains(err.Error(), unknown) {
		t.Error(err)
	}
	without := func(section string) []byte {
		t.Helper()
		if bytes.Count(data, []byte(section)) != 1 {
			t.Fatalf("no section % x", section)
		}
		return bytes.Replace(data, []byte(section), nil, 1)
	}
	k := &keeper{machine: machine{opaque: true}}
	if err := k.load(without("\x03\x00\x00\x00\x01\x03\x7e\x00\x00\x00\x01")); err != nil || k.kept[0].Ended() {
		t.Errorf("%v, ended %t", err, k.kept[0].Ended())
	}
	memory := "\x01\x00\x00\x00\x02\x06memory\x00\x00\x00\x00\x00\x00\x00\x01\x01\x7e\x00\x00\x00\x02"
	if err := k.load(without(memory)); err == nil || !strings.Contains(err.Error(), unknown) {
		t.Error(err)
	}
}
