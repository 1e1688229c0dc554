package faults

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/wire"
	"qmpmigrate/tests/emulator"
)

// The machine that QEMU and qmpmigrate can both be given: one block, and no devices.
const (
	block    = "ram"
	blockRAM = 16 << 20
	// slack is the memory that a peer may cost.
	slack = 12 << 20
)

func TestHostileSources(t *testing.T) {
	qemu, ours := emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)
	for _, s := range hostileSources() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.meet(t, ours, s.want)
			if s.alone == "" {
				emulator.NeedUserfaultfd(t)
				s.meet(t, qemu, cmp.Or(s.theirs, s.want))
			}
		})
	}
}

// destination is a program that waits at uri for a source that means to let RAM follow.
func destination(t *testing.T, p emulator.Program) (e *emulator.Emulator, path string) {
	t.Helper()
	machine := "adopt"
	if p.QEMU {
		machine = "none"
	}
	e = emulator.Launch(t, p, "destination", "-machine", machine, "-m", "16M", "-nodefaults", "-incoming", "defer")
	emulator.Must(t, e.SetCapabilities(t.Context(), "postcopy-ram"))
	path = filepath.Join(e.Dir, "hostile")
	emulator.Must(t, e.Incoming(t.Context(), "unix:"+path))
	return e, path
}

// meet lets a program be the destination.
func (s hostileSource) meet(t *testing.T, p emulator.Program, want string) {
	dst, path := destination(t, p)
	before, _, err := dst.ResidentMemory()
	emulator.Must(t, err)
	stop := speak(t, path, s.says)
	if s.hangs && s.ends != "failed" {
		_, err := dst.WaitMigration(t.Context(), "postcopy-active")
		emulator.Must(t, err)
	}
	if s.hangs {
		stop()
	}
	var most int64
	if s.ends == "failed" {
		exit, err := dst.Wait(t.Context())
		emulator.Must(t, err)
		if exit.Status != 1 {
			t.Errorf("%s: %s", p, exit.Process)
		}
		most = exit.MaxRSS
		if own, err := emulator.OwnPeak(); err != nil || most <= own {
			most = 0 // it says nothing
		}
	} else {
		_, err := dst.WaitMigration(t.Context(), s.ends)
		emulator.Must(t, err)
		_, most, err = dst.ResidentMemory()
		emulator.Must(t, err)
	}
	saying(t, dst, want)
	if !p.QEMU && most-before > slack {
		t.Errorf("it cost %d KiB", (most-before)>>10)
	}
}

// saying waits until a program has said what is wrong.
func saying(t *testing.T, e *emulator.Emulator, want string) {
	t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(e.Stderr(), want); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s says %s, not %s", e.Name, e.Stderr(), want)
		}
	}
}

// speak sends words to a socket; what is answered is lost. It hangs up at the end of the test, or with stop.
func speak(t *testing.T, path string, words []byte) (stop func()) {
	t.Helper()
	conn, err := net.Dial("unix", path)
	emulator.Must(t, err)
	said := make(chan struct{})
	var talk sync.WaitGroup
	talk.Go(func() { _, _ = io.Copy(io.Discard, conn) })
	talk.Go(func() { _, _ = conn.Write(words); close(said) })
	t.Cleanup(func() { conn.Close(); talk.Wait() })
	return func() { <-said; conn.Close(); talk.Wait() }
}

// A source that says nothing any more holds nobody up.
func TestSilentSources(t *testing.T) {
	p := emulator.NeedServer(t)
	for _, c := range []struct {
		name   string
		says   script
		before string // the status in which it is silent
		yanked string // the status after a yank; "" is the end of the destination
	}{
		{"before the package", opening(), "active", ""},
		{"in the package", opening().Command(wire.CmdPackaged, 0, 0, 1, 0).Then(0), "active", ""},
		{"behind the package", following(), "postcopy-active", "postcopy-paused"},
		{"in a page", script(nil).Then(following().Pages(block, 0, 2)[:5000]...), "postcopy-active", "postcopy-paused"},
	} {
		for _, yank := range []bool{true, false} {
			t.Run(fmt.Sprint(c.name, ", yanked ", yank), func(t *testing.T) {
				t.Parallel()
				ctx := t.Context()
				dst, path := destination(t, p)
				speak(t, path, c.says)
				_, err := dst.WaitMigration(ctx, c.before)
				emulator.Must(t, err)
				status := 0
				if yank {
					emulator.Must(t, dst.Yank(ctx))
					if c.yanked == "" {
						status = 1
					} else {
						_, err := dst.WaitMigration(ctx, c.yanked)
						emulator.Must(t, err)
					}
				}
				if status == 0 {
					emulator.Must(t, dst.Execute(ctx, "quit", nil, nil))
				}
				exit, err := dst.Wait(ctx)
				emulator.Must(t, err)
				if exit.Status != status {
					t.Errorf("%s: %s", exit.Process, exit.Output)
				}
			})
		}
	}
}
