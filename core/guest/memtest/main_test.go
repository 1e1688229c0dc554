package memtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
)

func TestMain(m *testing.M) {
	BecomeVCPUs()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		if left := children(); left != "" {
			fmt.Fprintln(os.Stderr, "processes that are left over:", left)
			status = 1
		}
		os.Exit(status)
	}))
}

// children are the ids of the processes that this one has started.
func children() string {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	var all []byte
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		all = append(all, text...)
	}
	return string(all)
}

// tester is what *testing.T, *testing.B, *testing.F and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

func newMachine(t tester, c Config) *Machine {
	t.Helper()
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	})
	return m
}

// advance makes exactly n visits of one vCPU, without its goroutine. All output
// of the guest is written then.
func advance(t tester, m *Machine, cpu, n int) {
	t.Helper()
	if err := m.Boot(context.Background()); err != nil {
		t.Fatal(err)
	}
	w := m.program.walker(cpu, m.cpus[cpu].steps)
	if w == nil {
		return
	}
	m.serial.start()
	for range n {
		for !w.step() {
			runtime.Gosched()
		}
		m.cpus[cpu].steps++
	}
	settle(m.serial)
	m.serial.stop()
}

// settle returns when all that was put has been written.
func settle(s *serialPort) {
	for {
		s.mu.Lock()
		busy := !s.fifo.empty() || s.pumping
		s.mu.Unlock()
		if !busy {
			return
		}
		runtime.Gosched()
	}
}

// saveDevices writes the bodies of all device sections back to back.
func saveDevices(t tester, m *Machine) []byte {
	t.Helper()
	var state bytes.Buffer
	w := stream.NewWriter(&state)
	for _, d := range m.Devices() {
		if err := d.State.Save(w, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return state.Bytes()
}

func loadDevices(devices []savevm.Device, state io.Reader) error {
	r := stream.NewReader(state)
	for _, d := range devices {
		if err := d.State.Load(r, d.State.VersionID()); err != nil {
			return err
		}
	}
	return nil
}

// copyMemory does what a migration does, and touches no page that is zero.
func copyMemory(from, to *Machine) {
	src, dst := from.Blocks()[0], to.Blocks()[0]
	for n := range src.Pages() {
		if !src.Populated(n) || pageAt(src.Bytes(), n).zero() {
			continue
		}
		copy(dst.Page(n), src.Page(n))
		dst.Populate(n, 1)
	}
}

func move(t tester, from, to *Machine) {
	t.Helper()
	copyMemory(from, to)
	if err := loadDevices(to.Devices(), bytes.NewReader(saveDevices(t, from))); err != nil {
		t.Fatal(err)
	}
}

func verify(t tester, m *Machine) *Report {
	t.Helper()
	r, err := m.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustBeGood(t tester, m *Machine) {
	t.Helper()
	if r := verify(t, m); r.Bad() != 0 {
		t.Fatalf("%d of %d pages are bad: %v", r.Bad(), r.Pages, r.Findings)
	}
}

// terminal is the other end of a serial port.
type terminal struct {
	mu   sync.Mutex
	text []byte
	got  chan struct{} // has an element after a Write
}

func newTerminal() *terminal { return &terminal{got: make(chan struct{}, 1)} }

func (o *terminal) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	select {
	case o.got <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (o *terminal) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// wait returns when the text holds n bytes.
func (o *terminal) wait(n int) {
	for len(o.String()) < n {
		<-o.got
	}
}
