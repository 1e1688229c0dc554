package interop

import (
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// A stay is what a source lives through that keeps its VM.
type stay struct {
	name string
	on   []string // capabilities
	// meet plays the destination; nil: there is none.
	meet      func(random *rand.Rand, conn net.Conn)
	uri       string // to where it goes instead of to meet
	cancelled bool   // by the source's user; otherwise it fails
}

// takes lets everything come until the source hangs up.
func takes(_ *rand.Rand, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// leaves hangs up somewhere in the stream.
func leaves(random *rand.Rand, conn net.Conn) {
	_, _ = io.CopyN(io.Discard, conn, random.Int64N(128<<10))
}

// says answers something, and lets everything come.
func says(words string) func(*rand.Rand, net.Conn) {
	return func(random *rand.Rand, conn net.Conn) {
		_, _ = io.WriteString(conn, words)
		takes(random, conn)
	}
}

func stays() []stay {
	return []stay{
		{name: "cancelled", meet: takes, cancelled: true},
		{name: "cancelled, with a return path", on: []string{"return-path"}, meet: takes, cancelled: true},
		{name: "cancelled before postcopy", on: []string{"postcopy-ram", "postcopy-preempt"}, meet: takes, cancelled: true},
		{name: "the destination goes", meet: leaves},
		{name: "the destination goes, with a return path", on: []string{"return-path"}, meet: leaves},
		{name: "the destination goes before postcopy", on: []string{"postcopy-ram"}, meet: leaves},
		{name: "the destination talks nonsense", on: []string{"return-path"}, meet: says("nonsense")},
		{name: "the destination fails", on: []string{"return-path"}, meet: says("\x00\x01\x00\x04\x00\x00\x00\x01")},
		{name: "nobody listens"},
		{name: "the command is cancelled", uri: "exec:cat >/dev/null", cancelled: true},
		{name: "the command ends", uri: "exec:head -c 10000 >/dev/null"},
	}
}

// endure is one migration that leaves the VM where it is.
func (s stay) endure(t *testing.T, random *rand.Rand, src *emulator.Emulator) {
	t.Helper()
	only(t, src, s.on...)
	uri, end := s.uri, func() {}
	if uri == "" {
		uri, end = s.play(t, random)
	}
	defer end()
	// Where nobody listens it fails at once.
	if err := src.MigrateTo(t.Context(), uri); s.meet != nil {
		emulator.Must(t, err)
	}
	want := "failed"
	if s.cancelled {
		time.Sleep(time.Duration(random.Int64N(int64(30 * time.Millisecond))))
		emulator.Must(t, src.Execute(t.Context(), "migrate_cancel", nil, nil))
		want = "cancelled"
	}
	if _, err := src.WaitMigration(t.Context(), want); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	running(t, src)
}

// play lets a destination wait for its source; end ends it.
func (s stay) play(t *testing.T, random *rand.Rand) (uri string, end func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "qs")
	emulator.Must(t, err)
	path := filepath.Join(dir, "m")
	if s.meet == nil {
		return "unix:" + path, func() { os.RemoveAll(dir) }
	}
	l, err := net.Listen("unix", path)
	emulator.Must(t, err)
	over := make(chan struct{})
	own := rand.New(rand.NewPCG(random.Uint64(), 0))
	go func() {
		defer close(over)
		if conn, err := l.Accept(); err == nil {
			s.meet(own, conn)
			conn.Close()
		}
	}()
	return "unix:" + path, func() {
		l.Close()
		<-over
		os.RemoveAll(dir)
	}
}

// only switches these capabilities on, and others that a stay may have off.
func only(t *testing.T, e *emulator.Emulator, on ...string) {
	t.Helper()
	var list []map[string]any
	for _, name := range []string{"return-path", "postcopy-ram", "postcopy-preempt"} {
		list = append(list, map[string]any{"capability": name, "state": slices.Contains(on, name)})
	}
	emulator.Must(t, e.Execute(t.Context(), "migrate-set-capabilities", map[string]any{"capabilities": list}, nil))
}
