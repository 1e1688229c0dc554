package memtest

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"qmpmigrate/core/guest/cputhread"
	"qmpmigrate/core/memory"
)

// soft runs the vCPUs as goroutines, which look before they touch memory, and
// mark what they wrote. Once somebody has asked for their threads, they run on
// these from their next start on.
type soft struct {
	machine  *Machine
	stint    *stint // nil while stopped
	accounts []softAccount
	cpus     cputhread.Threads
}

// softAccount keeps what vCPUs write often apart.
type softAccount struct {
	account
	_ [40]byte
}

// newSoft gives the vCPUs dirty rings of so many pages, 0 for none.
func newSoft(m *Machine, ring int) *soft {
	e := &soft{machine: m, accounts: make([]softAccount, len(m.cpus))}
	if ring > 0 {
		in := memory.NewMarks(m.board.ram.Pages())
		for i, c := range m.cpus {
			c.ring = newDirtyRing(ring, in, m.controls, e.account(i))
		}
	}
	return e
}

func (e *soft) start() error {
	m := e.machine
	s := &stint{wake: make(chan struct{}), controls: m.controls, ram: m.board.ram}
	rate := m.program.rate()
	for i, c := range m.cpus {
		if w := m.program.walker(i, c.steps); w != nil {
			s.vcpus.Add(1)
			e.cpus.Run(i, func() {
				defer s.vcpus.Done()
				t := &softTurn{stint: s, vcpu: c, walker: w, timer: time.NewTimer(time.Hour)}
				defer t.timer.Stop()
				run(t, rate, &m.controls.percent, c.ring)
			})
		}
	}
	e.stint = s
	return nil
}

func (e *soft) stop() {
	if e.stint != nil {
		e.stint.end()
		e.stint = nil
	}
}

func (e *soft) throttle(percent uint32) { e.machine.controls.percent.Store(percent) }

func (e *soft) account(cpu int) *account { return &e.accounts[cpu].account }

func (e *soft) threads() []int { return e.cpus.IDs(len(e.machine.cpus)) }

func (e *soft) close() { e.cpus.Close() }

// stint is one time of running, from Start to Stop.
type stint struct {
	stop     atomic.Bool
	wake     chan struct{} // closed together with stop: ends sleeps
	vcpus    sync.WaitGroup
	controls *controls
	ram      *memory.Block
}

// end makes the vCPUs stop and returns when all have.
func (s *stint) end() {
	s.stop.Store(true)
	close(s.wake)
	s.vcpus.Wait()
}

// softTurn is a vCPU's part of a stint.
type softTurn struct {
	*stint
	*vcpu
	walker walker
	timer  *time.Timer
}

func (t *softTurn) over() bool { return t.stop.Load() }

func (t *softTurn) sleep(d time.Duration) {
	t.timer.Reset(d)
	select {
	case <-t.timer.C:
	case <-t.wake:
	}
}

// yield lets others run: whoever moves the guest wants to run too, and there
// may be no more processors than vCPUs.
func (t *softTurn) yield() { runtime.Gosched() }

func (t *softTurn) visit(n int) outcome {
	for range n {
		if t.stop.Load() {
			break
		}
		page := t.walker.page()
		if t.ring != nil && !t.ring.admit(page) {
			return limited
		}
		if !t.ram.WaitWrite(page, t.number, t.wake) || !t.walker.step() {
			return stalled
		}
		t.steps++
	}
	return done
}
