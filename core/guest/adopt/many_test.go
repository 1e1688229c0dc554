package adopt_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// As many sections as a stream may have cost time by their number, not by its square, also where they go on.
func TestManySections(t *testing.T) {
	const sections = 60000
	data, text := wire.AppendHeader(nil), []byte(`{"page_size": 4096, "devices": [`)
	for i := range uint32(sections) {
		h := wire.SectionHeader{Type: wire.SectionFull, ID: i + 1, IDStr: "d", Instance: i, Version: 1}
		data = wire.AppendFooter(append(h.Append(data), "body"...), h.ID)
		text = fmt.Appendf(text, `{"name": "d", "instance_id": %d, "fields": [{"name": "x", "type": "buffer", "size": 4}]},`, i)
	}
	text = append(text[:len(text)-1], "]}"...)
	data = append(data, byte(wire.EOF), byte(wire.VMDescription))
	data = append(append(data, 0, byte(len(text)>>16), byte(len(text)>>8), byte(len(text))), text...)
	m := adopt.New()
	defer m.Close()
	l := &savevm.Loader{Format: savevm.Format{NoConfiguration: true}, Target: m, Command: func(wire.CommandCode, []byte) error { return nil }}
	before := processorTime(t)
	if err := l.Load(stream.NewReader(bytes.NewReader(data))); err != nil {
		t.Fatal(err)
	}
	if n := len(m.Devices()); n != sections {
		t.Errorf("%d sections came", n)
	}
	came := processorTime(t) - before
	if came > 6e9 {
		t.Errorf("they took %d ms of a processor", came/1e6)
	}
	s := savevm.NewSaver(stream.NewWriter(io.Discard))
	before = processorTime(t)
	for _, d := range m.Devices() {
		if err := s.Device(d); err != nil {
			t.Fatal(err)
		}
	}
	if went := processorTime(t) - before; went > 2*came {
		t.Errorf("they took %d ms of a processor, and to send them %d", came/1e6, went/1e6)
	}
}

// processorTime is what the process has had, in nanoseconds.
func processorTime(t *testing.T) int64 {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return usage.Utime.Nano()
}
