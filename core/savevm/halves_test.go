package savevm

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// A device may have an iterable and a FULL section: then both have one id, which
// nothing else can have.
func TestHalvesOfADevice(t *testing.T) {
	m := &machine{ticks: 9}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(w)
	s.Begin(&Configuration{Machine: "test"})
	live := Live{IDStr: "ticker", Instance: 3, Version: 2, Source: &heap{}}
	if err := s.Start(&live, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Device(m.ticker()); err != nil {
		t.Fatal(err)
	}
	if err := s.End(&live); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(nil); err != nil {
		t.Fatal(err)
	}
	load := func(data []byte) (*machine, *pile, error) {
		there, p := &machine{}, &pile{}
		l := &Loader{Target: there, Live: []Live{{IDStr: "ticker", Instance: 3, Version: 2, Target: p}},
			Command: func(wire.CommandCode, []byte) error { return nil }}
		return there, p, l.Load(stream.NewReader(bytes.NewReader(data)))
	}
	there, p, err := load(out.Bytes())
	if err != nil || there.ticks != 9 || string(p.got) != "\x01\x02" {
		t.Errorf("%v, %d ticks, % x", err, there.ticks, p.got)
	}
	full := []byte("\x04\x00\x00\x00\x01\x06ticker\x00\x00\x00\x03")
	other := bytes.Replace(out.Bytes(), full, []byte("\x04\x00\x00\x00\x01\x06ticker\x00\x00\x00\x04"), 1)
	if _, _, err := load(other); err == nil || !strings.Contains(err.Error(), "section id 1 is used twice") {
		t.Errorf("another instance: %v", err)
	}
}
