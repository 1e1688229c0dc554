package memtest

import (
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a writer that takes nothing until it is let go.
type stuck struct {
	*terminal
	let chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.let
	return s.terminal.Write(p)
}

// A writer that blocks holds the guest up in the end, but not its Stop; and
// nothing is lost or written twice.
func TestBlockedWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stuck{newTerminal(), make(chan struct{})}
		m := newMachine(t, Config{RAMSize: sweepRAM(1), Serial: out, Workload: &Sweep{Rate: 1 << 40}})
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // of the bubble's time: long after the port is full
		m.Stop()
		stopped := m.cpus[0].steps
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		m.Stop()
		if m.cpus[0].steps != stopped {
			t.Errorf("the vCPU went from %d to %d with the port full", stopped, m.cpus[0].steps)
		}
		close(out.let)
		advance(t, m, 0, 0)
		text := out.String()
		if len(text) < 1+fifoSize || len(text) > 2*fifoSize || text[0] != 'A' {
			t.Errorf("output %q", text)
		}
		for _, b := range text[1:] {
			if b != 'B' {
				t.Errorf("output %q", text)
			}
		}
		if want := (stopped - 2) / sweepRounds; uint64(len(text)) != 1+want {
			t.Errorf("%d Bs after %d rounds", len(text)-1, stopped-1)
		}
	})
}

// What was put while nothing may leave the port leaves it later.
func TestStoppedPortIsSilent(t *testing.T) {
	out := newTerminal()
	s := &serialPort{out: out, fifo: &fifo{}}
	for range fifoSize {
		if !s.put('x') {
			t.Fatal("full too early")
		}
	}
	if s.put('y') {
		t.Error("took a byte too many")
	}
	if out.String() != "" {
		t.Error("a stopped port wrote")
	}
	s.start()
	settle(s)
	if !s.put('z') {
		t.Error("still full")
	}
	settle(s)
	s.stop()
	if got := out.String(); got != "xxxxxxxxxxxxxxxxz" {
		t.Errorf("got %q", got)
	}
	s.put('y')
	s.reset()
	s.start()
	settle(s)
	if got := out.String(); len(got) != fifoSize+1 {
		t.Errorf("reset kept a byte: %q", got)
	}
}
