package core

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/testdata"
)

// slack is what a stream may cost besides the RAM that it announces and fills.
const slack = 64 << 20

// refuse loads a stream into an adopting machine, which must fail and may cost
// no more than slack, and what came. It returns the reason.
func refuse(t *testing.T, data []byte) string {
	t.Helper()
	reason, ok := offer(t, data)
	if ok {
		t.Fatal("the stream was taken")
	}
	return reason
}

// offer loads a stream into an adopting machine and tells whether it was
// taken, or why not.
func offer(t *testing.T, data []byte) (reason string, ok bool) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	m := NewRelay(Config{Incoming: true, Failed: func(err error) { failed <- err }}, adopt.New())
	defer m.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := m.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: new("file:" + in)}); err != nil {
		t.Fatal(err)
	}
	if err := m.Migration().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if cost := after.TotalAlloc - before.TotalAlloc; cost > slack+3*uint64(len(data)) { // a buffer that grows, too
		t.Errorf("%d bytes were allocated", cost)
	}
	select {
	case err := <-failed:
		return err.Error(), false
	default:
		return "", true
	}
}

// head is a stream up to the body of the START section of ram.
func head() []byte {
	b := append(wire.AppendHeader(nil), "\x07\x00\x00\x00\x04test"...)
	h := wire.SectionHeader{Type: wire.SectionStart, ID: 1, IDStr: "ram", Version: wire.RAMVersion}
	return h.Append(b)
}

func TestHostileStreams(t *testing.T) {
	device := func(body []byte) []byte {
		h := wire.SectionHeader{Type: wire.SectionFull, ID: 2, IDStr: "device", Version: 1}
		b := append(wire.AppendHeader(nil), "\x07\x00\x00\x00\x04test"...)
		return append(h.Append(b), body...)
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"2^63 bytes of RAM", "more than this server takes", wire.AppendRAM(head(), 1<<63, wire.RAMMemSize)},
		// The limit, 64 TiB, is half of what a process can map: whether so much is free in one piece is up to chance.
		{"16 TiB that never come", "Input/output error",
			wire.AppendRAMSize(wire.AppendRAM(head(), 1<<44, wire.RAMMemSize), "huge", 1<<44)},
		{"a device without end", "no section footer in", device(make([]byte, 257<<20))},
		{"a description without end", "above the limit", device(append(wire.AppendFooter(make([]byte, 4), 2), "\x00\x06\xff\xff\xff\xff{"...))},
		{"a description of nested lists", "vmdescription", device(append(wire.AppendFooter(make([]byte, 4), 2),
			append([]byte("\x00\x06\x00\x10\x00\x00{\"x\": "), bytes.Repeat([]byte("["), 1<<20-6)...)...))},
		{"sections for ever", "too many sections", append(wire.AppendHeader(nil),
			append([]byte("\x07\x00\x00\x00\x04test"), many()...)...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := refuse(t, c.data); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// many is more sections than a stream may have.
func many() []byte {
	var b []byte
	for id := range uint32(70000) {
		h := wire.SectionHeader{Type: wire.SectionFull, ID: id + 1, IDStr: "device", Version: 1}
		b = wire.AppendFooter(h.Append(b), id+1)
	}
	return b
}

// A real stream that is cut is refused with the place, wherever in its device
// part it was cut.
func TestCutCaptures(t *testing.T) {
	captures, err := testdata.Captures()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range captures {
		first := bytes.Index(c.Data, []byte("\x05timer"))
		for n := first; n < len(c.Data); n += 1 + (len(c.Data)-first)/25 {
			if got := refuse(t, c.Data[:n]); !strings.Contains(got, "at offset") {
				t.Errorf("%s cut at %d: %s", c.Name, n, got)
			}
		}
	}
}

// Every byte of a device part changed: what comes of it is a stream that is
// taken, when only a value changed, or an error with its place.
func TestEveryByteOfADevicePart(t *testing.T) {
	src := newSide(t, 1, Config{Paused: true})
	file := filepath.Join(t.TempDir(), "stream")
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: new("file:" + file)}); err != nil {
		t.Fatal(err)
	}
	src.wait(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for n := bytes.Index(whole, []byte("\x07counter")); n < len(whole); n++ {
		for _, flip := range []byte{1, 0x80, 0xff} {
			whole[n] ^= flip
			reason, ok := offer(t, whole)
			whole[n] ^= flip
			if ok {
				continue
			}
			refused++
			if !strings.Contains(reason, "at offset") {
				t.Errorf("byte %d: %s", n, reason)
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d changes were refused", refused)
	}
}
