package adopt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// packaged is a stream with body in a package.
func packaged(body []byte) []byte {
	b := append(wire.AppendHeader(nil), "\x07\x00\x00\x00\x04test"...)
	b = wire.AppendCommand(b, wire.CmdPackaged, binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	return append(b, body...)
}

// unpack loads a stream whose packages end at POSTCOPY_RUN.
func unpack(m savevm.Target, data []byte) error {
	l := &savevm.Loader{Target: m,
		Command: func(wire.CommandCode, []byte) error { return nil },
		Packaged: func(code wire.CommandCode, _ []byte) error {
			if code == wire.CmdPostcopyRun {
				return savevm.ErrHandedOver
			}
			return nil
		}}
	return l.Load(stream.NewReader(bytes.NewReader(data)))
}

// Sections in a package are cut at what can follow there: another section, a
// command, the end. Anything like a footer in a body is none.
func TestPackage(t *testing.T) {
	var body []byte
	want := []string{"first", "a \x7e\x00\x00\x00\x02 and more \x7e\x00\x00\x00\x02\x02\x00\x00\x00\x01", ""}
	for i, text := range want {
		h := wire.SectionHeader{Type: wire.SectionFull, ID: uint32(i + 1), IDStr: "device", Instance: uint32(i), Version: 1}
		body = wire.AppendFooter(append(h.Append(body), text...), h.ID)
	}
	m := adopt.New()
	if err := unpack(m, packaged(wire.AppendCommand(body, wire.CmdPostcopyRun, nil))); !errors.Is(err, savevm.ErrHandedOver) {
		t.Fatal(err)
	}
	devices := m.Devices()
	if len(devices) != len(want) {
		t.Fatalf("%d sections", len(devices))
	}
	for i, d := range devices {
		if got := string(d.State.(*savevm.Opaque).Body); got != want[i] {
			t.Errorf("section %d holds %q", i, got)
		}
	}
	m = adopt.New()
	if err := unpack(m, packaged(body)); err == nil || errors.Is(err, savevm.ErrHandedOver) || len(m.Devices()) != len(want) {
		t.Errorf("a package that ends after a section: %v, %d sections", err, len(m.Devices()))
	}
}

// Whatever stands in a package, the VM is handed over or the place is told.
func FuzzPackage(f *testing.F) {
	h := wire.SectionHeader{Type: wire.SectionFull, ID: 1, IDStr: "device", Version: 1}
	body := wire.AppendFooter(append(h.Append(nil), "body"...), 1)
	f.Add(wire.AppendCommand(body, wire.CmdPostcopyRun, nil))
	f.Add(body)
	f.Add(wire.AppendCommand(nil, wire.CmdPackaged, []byte{0, 0, 0, 9}))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := adopt.New()
		defer m.Close()
		data := packaged(body)
		err := unpack(m, data)
		var at *savevm.LoadError
		if !errors.Is(err, savevm.ErrHandedOver) && (!errors.As(err, &at) || at.Offset > int64(len(data))) {
			t.Fatalf("%v", err)
		}
	})
}
