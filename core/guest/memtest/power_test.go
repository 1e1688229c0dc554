package memtest

import (
	"encoding/binary"
	"runtime"
	"testing"
)

// asked counts what a guest asks for.
type asked struct{ suspend, shutdown chan struct{} }

func newAsked() asked {
	return asked{make(chan struct{}, 8), make(chan struct{}, 8)}
}

func (a asked) config(c Config) Config {
	c.Suspend = func() { a.suspend <- struct{}{} }
	c.Shutdown = func() { a.shutdown <- struct{}{} }
	return c
}

func mustStart(t tester, m *Machine) {
	t.Helper()
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
}

// The guest prints AB, sleeps, and after a wake-up starts anew and does not
// sleep again: the usual test guest with its byte set.
func TestSweepSuspendsOnce(t *testing.T) { eachEngine(t, sweepSuspendsOnce) }

func sweepSuspendsOnce(t *testing.T, apart bool) {
	a, out := newAsked(), newTerminal()
	m := newMachine(t, a.config(Config{RAMSize: sweepRAM(10), Workload: &Sweep{Suspend: true}, Serial: out, Apart: apart}))
	mustStart(t, m)
	<-a.suspend
	m.Stop()
	word := m.Blocks()[0].Bytes()[SuspendedAt:]
	if out.String() != "AB" || binary.LittleEndian.Uint32(word) != 1 {
		t.Fatalf("asleep after %q, the word is %x", out, word[:4])
	}
	// Not yet heard: it asks again, and does nothing else.
	mustStart(t, m)
	<-a.suspend
	m.Stop()
	if m.steps()[0] != 10+64*10 || out.String() != "AB" {
		t.Errorf("a sleeping guest went on: %d steps, %q", m.steps()[0], out)
	}
	m.Reset()
	mustStart(t, m)
	out.wait(5)
	m.Stop()
	if out.String()[:5] != "ABABB" || len(a.suspend) != 0 {
		t.Errorf("after the wake-up: %q, asked %d times", out, len(a.suspend))
	}
}

// A guest that fell asleep and was not heard sleeps on where it goes, and asks there.
func TestSleepMigrates(t *testing.T) {
	a, out := newAsked(), newTerminal()
	m := newMachine(t, Config{RAMSize: sweepRAM(10), Workload: &Sweep{Suspend: true}, Serial: out})
	b := newMachine(t, a.config(Config{RAMSize: sweepRAM(10), Incoming: true, Serial: out}))
	mustStart(t, m)
	out.wait(2)
	for !m.board.power.asleep.Load() {
		runtime.Gosched()
	}
	m.Stop()
	move(t, m, b)
	mustStart(t, b)
	<-a.suspend
	b.Stop()
	b.Reset()
	mustStart(t, b)
	out.wait(4)
	b.Stop()
	if got := out.String()[:4]; got != "ABAB" || len(a.suspend) != 0 {
		t.Errorf("output %q, asked %d times", got, len(a.suspend))
	}
}

func TestPowerButton(t *testing.T) { eachEngine(t, powerButton) }

func powerButton(t *testing.T, apart bool) {
	a := newAsked()
	for _, obeys := range []bool{false, true} {
		m := newMachine(t, a.config(Config{RAMSize: 1 << 20, Workload: &Idle{}, Powerdown: obeys, Apart: apart}))
		m.Powerdown()
		if len(a.shutdown) != 0 {
			t.Fatal("a guest that does not run asks for something")
		}
		mustStart(t, m)
		if got := len(a.shutdown) == 1; got != obeys {
			t.Fatalf("obeys: %v, asked: %v", obeys, got)
		}
		if obeys {
			<-a.shutdown
		}
		m.Reset()
		mustStart(t, m)
		if len(a.shutdown) != 0 {
			t.Fatal("the button is still pressed after a reset")
		}
		m.Powerdown()
		if got := len(a.shutdown) == 1; got != obeys {
			t.Fatalf("obeys while it runs: %v, asked: %v", obeys, got)
		}
	}
	// The button that nobody obeyed yet migrates, with the habit to obey.
	<-a.shutdown
	m := newMachine(t, Config{RAMSize: 1 << 20, Workload: &Idle{}, Powerdown: true})
	b := newMachine(t, a.config(Config{RAMSize: 1 << 20, Incoming: true}))
	m.Powerdown()
	move(t, m, b)
	mustStart(t, b)
	if len(a.shutdown) != 1 {
		t.Error("a pressed button was lost on the way")
	}
}
