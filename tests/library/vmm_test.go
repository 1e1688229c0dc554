// Package library uses qmpmigrate as the author of a VMM does who imports it: docs/library.md is about what is here.
package library

import (
	"context"
	"encoding/binary"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) { emulator.Main(m) }

const size = 16 << 20

// guest is memory, one vCPU that counts in it, and a lamp.
type guest struct {
	ram   *memory.Block
	steps uint64 // the vCPU's register
	lamp  uint8  // the device's
	stop  chan struct{}
	vcpu  sync.WaitGroup
}

func (g *guest) Blocks() []*memory.Block { return []*memory.Block{g.ram} }

func (g *guest) Devices() []savevm.Device {
	state := func(name string, fields ...vmstate.Field) savevm.Device {
		return savevm.Device{IDStr: name, State: &vmstate.Description{Name: name, Version: 1, MinVersion: 1, Fields: fields}}
	}
	return []savevm.Device{state("cpu", vmstate.Uint64("steps", &g.steps)), state("lamp", vmstate.Uint8("on", &g.lamp))}
}

func (g *guest) Start() error {
	g.stop = make(chan struct{})
	g.vcpu.Go(func() { g.run(g.stop) })
	return nil
}

// run writes at most some 10 pages a millisecond, which any migration can follow.
func (g *guest) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
		}
		for range 10 {
			page := g.steps % g.ram.Pages()
			if !g.ram.WaitWrite(page, 0, stop) {
				return
			}
			word := g.ram.Page(page)[:8]
			binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)+1)
			g.ram.MarkWritten(page)
			g.steps++
			g.lamp = uint8(g.steps)
		}
	}
}

func (g *guest) Stop() {
	if g.stop != nil {
		close(g.stop)
		g.vcpu.Wait()
		g.stop = nil
	}
}

func (g *guest) Close() error {
	g.Stop()
	return g.ram.Close()
}

// vmm is a machine with that guest, and a QMP socket.
type vmm struct {
	*core.Machine
	guest *guest
	path  string
}

func newVMM(t *testing.T, incoming bool) *vmm {
	t.Helper()
	ram, err := memory.New("vmm.ram", size)
	emulator.Must(t, err)
	v := &vmm{guest: &guest{ram: ram}, path: filepath.Join(t.TempDir(), "qmp")}
	server := qmp.NewServer(qmp.Config{})
	v.Machine = core.New(core.Config{Incoming: incoming, Events: server}, "vmm-1", v.guest)
	server.Register(qapi.MigrationCommandTable(v)...)
	server.Register(qapi.RunStateCommandTable(v)...)

	listener, err := net.Listen("unix", v.path)
	emulator.Must(t, err)
	monitor := server.NewMonitor(qmp.MonitorConfig{})
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = monitor.ServeConn(context.Background(), conn)
		}
	})
	t.Cleanup(func() {
		listener.Close()
		server.Stop()
		serving.Wait()
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	emulator.Must(t, v.Launch())
	return v
}

// count is how far the vCPU is.
func (v *vmm) count(t *testing.T) uint64 {
	t.Helper()
	emulator.Must(t, v.Stop(t.Context()))
	steps := v.guest.steps
	emulator.Must(t, v.Cont(t.Context()))
	return steps
}

// arrived stops the guest and looks at all of it.
func (v *vmm) arrived(t *testing.T, before uint64) {
	t.Helper()
	if v.RunState() != qapi.RunStateRunning {
		t.Fatalf("the guest is %s", v.RunState())
	}
	emulator.Must(t, v.Stop(t.Context()))
	g := v.guest
	if g.steps < before || g.lamp != uint8(g.steps) {
		t.Errorf("step %d with the lamp at %d, after step %d", g.steps, g.lamp, before)
	}
	for page := range g.ram.Pages() {
		times := (g.steps + g.ram.Pages() - 1 - page) / g.ram.Pages()
		if got := binary.LittleEndian.Uint64(g.ram.Page(page)); got != times {
			t.Fatalf("page %d was counted %d times, not %d", page, got, times)
		}
	}
	emulator.Must(t, v.Cont(t.Context()))
}

// A VMM's guest goes to another instance of it, from there into a server that parks it, and on.
func TestVMM(t *testing.T) {
	program := emulator.NeedServer(t)
	for name, args := range map[string][]string{
		"precopy": nil, "lanes": {"--multifd", "2"}, "postcopy": {"--bandwidth", "4M", "--postcopy-after", "200ms"},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := newVMM(t, false), newVMM(t, true)
			for end := time.Now().Add(time.Minute); first.count(t) < 1000; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the guest does not count")
				}
			}
			left := first.count(t)
			move(t, program, first.path, second.path, args...)
			second.arrived(t, left)
		})
	}
	t.Run("parked", func(t *testing.T) {
		first, second := newVMM(t, false), newVMM(t, true)
		folder := t.TempDir()
		middle := filepath.Join(folder, "qmp")
		parked := emulator.Launch(t, program, "parked", "-machine", "adopt", "-incoming", "defer", "-qmp", "unix:"+middle+",server=on,wait=off")
		left := first.count(t)
		move(t, program, first.path, middle)
		if state, err := parked.RunState(t.Context()); err != nil || state != "paused" {
			t.Errorf("parked, it is %s (%v)", state, err)
		}
		move(t, program, middle, second.path)
		second.arrived(t, left)
	})
}

// move moves a VM by the verb that operators use.
func move(t *testing.T, program emulator.Program, from, to string, args ...string) {
	t.Helper()
	exit, err := emulator.Run(t.Context(), program, t.TempDir(), append([]string{"migrate", "--from", from, "--to", to, "--quiet"}, args...)...)
	emulator.Must(t, err)
	if exit.Status != 0 {
		t.Fatalf("exit status %d: %s", exit.Status, exit.Output)
	}
}
