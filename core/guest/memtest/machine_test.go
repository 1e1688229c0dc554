package memtest

import (
	"context"
	"errors"
	"testing"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
)

func TestNew(t *testing.T) {
	m := newMachine(t, Config{})
	if b := m.Blocks(); len(b) != 1 || b[0].Name() != "memtest.ram" || b[0].Size() != 128<<20 || len(m.cpus) != 1 {
		t.Errorf("the default machine has %v, %d vCPUs", b, len(m.cpus))
	}
	m = newMachine(t, Config{RAMSize: 4097})
	if got := m.Blocks()[0].Size(); got != 8192 {
		t.Errorf("size %d", got)
	}
	for _, c := range []struct {
		Config
		text string
	}{
		{Config{VCPUs: 4097}, "Invalid SMP CPUs 4097. The max CPUs supported by machine 'memtest' is 4096"},
		{Config{VCPUs: -1}, "Invalid SMP CPUs -1. The max CPUs supported by machine 'memtest' is 4096"},
		{Config{RAMSize: 1 << 60}, "cannot set up guest memory 'memtest.ram': Cannot allocate memory"},
		{Config{RAMSize: ^uint64(0)}, "cannot set up guest memory 'memtest.ram': Cannot allocate memory"},
		{Config{Workload: &Stress{Entropy: 101}}, "Parameter 'entropy' expects a value between 0 and 100"},
	} {
		if _, err := New(c.Config); err == nil || err.Error() != c.text {
			t.Errorf("%+v: %v", c.Config, err)
		}
	}
}

// The caller's options are copied.
func TestOptionsAreTheMachinesOwn(t *testing.T) {
	s := NewStress()
	m := newMachine(t, Config{RAMSize: 1 << 20, Workload: s})
	s.Seed = 99
	if m.program.(*stress).options.Seed != 1 || m.workload.(*Stress).Seed != 1 {
		t.Error("a change of the caller's options came through")
	}
}

// A memtest machine goes with the part that makes movable machines of guests.
func TestNative(t *testing.T) {
	g := guest.Native(newMachine(t, Config{}), savevm.Configuration{Machine: "memtest"})
	if _, ok := g.Device("cpu", 0); !ok {
		t.Error("no vCPU")
	}
}

func TestReset(t *testing.T) {
	out := newTerminal()
	m := newMachine(t, Config{RAMSize: sweepRAM(2), Serial: out})
	advance(t, m, 0, 100)
	m.Reset()
	advance(t, m, 0, 3)
	if out.String() != "AA" {
		t.Errorf("output %q", out)
	}
	mustBeGood(t, m)
}

// Boot can be cut short, and is complete after the next one.
func TestBootInTwoParts(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 16 << 20, Workload: NewStress()})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Boot(ctx); !errors.Is(err, context.Canceled) || m.booted {
		t.Fatalf("cancelled: %v", err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	m.Stop()
	mustBeGood(t, m)
}

func TestAfterClose(t *testing.T) {
	m, err := New(Config{RAMSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, verified := m.Verify(t.Context())
	for _, err := range []error{m.Start(), verified, m.ReadPhys(0, make([]byte, 1)), m.WritePhys(0, make([]byte, 1))} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}
