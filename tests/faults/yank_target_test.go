package faults

import (
	"net"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
)

// loading is where the source stops in the midst of a precopy.
func loading(e *ends) {
	e.set(slow())
	e.migrate()
	e.reach(e.src, "active")
	e.reach(e.dst, "active")
	e.stops(e.src)
}

// behind is where it stops when the VM is at its destination.
func behind(e *ends) {
	handedOver(e)
	e.stops(e.src)
}

// coming is where somebody connects to a destination that waits for its source again, and says nothing.
func coming(e *ends) {
	pausing(e)
	emulator.Must(e, e.dst.Yank(e.Context())) // there is nothing to cut
	path := filepath.Join(e.dst.Dir, "again")
	emulator.Must(e, e.dst.RecoverAt(e.Context(), "unix:"+path))
	call(e, path)
	if e.way.name == "preempt" {
		call(e, path)
	}
	e.reach(e.dst, "postcopy-recover")
}

// call connects to a socket, and says nothing.
func call(e *ends, path string) {
	e.Helper()
	conn, err := net.Dial("unix", path)
	emulator.Must(e, err)
	e.Cleanup(func() { conn.Close() })
}

// A destination whose source says nothing more is freed by a yank within a second, wherever it is: without the VM it fails, and
// with it waits for another one.
func TestYankOfADestination(t *testing.T) {
	const failed, paused = "failed", "postcopy-paused"
	tcp, tls, lanes := overTCP(), overTLS(), overLanes()
	for _, s := range []stop{
		{name: "active", reach: loading, ends: failed,
			ways: []way{tcp, overUnix(), overFD(), overPipe(), overExec(), tls, lanes, overTLSLanes(), overRDMA(), tcp.answered()}},
		{name: "postcopy-active", capabilities: []string{"postcopy-ram"}, reach: behind, ends: paused,
			ways: []way{tcp, overFD(), tls, overPreempt(), overRDMA()}},
		{name: "postcopy-recover", capabilities: []string{"postcopy-ram"}, reach: coming, ends: paused, ways: []way{tcp, overPreempt()}},
	} {
		for _, w := range s.ways {
			t.Run(s.name+" "+w.name, func(t *testing.T) {
				t.Parallel()
				e := w.launch(t, s.capabilities...)
				s.reach(e)
				e.cuttable(e.dst, true)
				e.yanked(e.dst, "MIGRATION", `"`+s.ends+`"`)
				if s.ends == paused {
					runs(t, e.dst)
					return
				}
				exit, err := e.dst.Wait(t.Context())
				emulator.Must(t, err)
				if exit.Status != 1 {
					t.Errorf("%s: %s", e.dst.Name, exit.Process)
				}
			})
		}
	}
}
