package memtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"qmpmigrate/core/guest/child"
	"qmpmigrate/core/guest/sharedmem"
	"qmpmigrate/core/memory"
)

// apart runs the vCPUs in a process of their own, which maps the guest's memory
// too and touches it as a guest on real processors would: without a look
// before, and without a mark afterwards. The system tells who waits for which
// page, and what was written (sharedmem).
type apart struct {
	machine *Machine
	process *child.Process
	memory  *guardedMemory
	died    func(error)
	reading sync.WaitGroup
	shifts  uint64 // how many there were

	mu     sync.Mutex
	page   *sharedPage // nil after close
	ending bool
}

// guardedMemory makes the vCPUs careful while pages may be absent.
type guardedMemory struct {
	*sharedmem.Memory
	page *sharedPage
}

func (g *guardedMemory) Guard(fault func(page uint64, cpu int)) error {
	g.page.guarded.Store(true)
	err := g.Memory.Guard(fault)
	g.page.guarded.Store(g.Guarded())
	return err
}

func (g *guardedMemory) Unguard() error {
	err := g.Memory.Unguard()
	g.page.guarded.Store(g.Guarded())
	return err
}

// Freeze makes the vCPUs careful, too: whoever has to wait until it may write
// can be told to stop meanwhile.
func (g *guardedMemory) Freeze(allow func(page uint64) bool) error {
	g.page.frozen.Store(true)
	err := g.Memory.Freeze(allow)
	g.page.frozen.Store(err == nil)
	return err
}

func (g *guardedMemory) Thaw() error {
	err := g.Memory.Thaw()
	g.page.frozen.Store(false)
	return err
}

// startLimit is how long the process may take to be ready: that of a program
// that did not call BecomeVCPUs never is.
const startLimit = time.Minute

// newApart starts the process as the configuration says.
func newApart(m *Machine, c *Config) (_ *apart, err error) {
	ram := m.board.ram
	if err := sharedmem.CheckBlock(ram); err != nil {
		return nil, err
	}
	page, file, err := newSharedPage(len(m.cpus))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	e := &apart{machine: m, page: page, died: c.Died}
	if e.process, err = child.Start(childName); err != nil {
		page.close()
		return nil, err
	}
	mapping, err := e.setUp(file, c)
	if err != nil {
		e.process.End()
		page.close()
		return nil, fmt.Errorf("the process of the vCPUs cannot start: %w", err)
	}
	e.memory = &guardedMemory{sharedmem.New(ram, mapping, page.cpu), page}
	ram.SetGuard(e.memory)
	ram.SetFreezer(e.memory)
	e.reading.Go(e.read)
	return e, nil
}

// setUp tells the process what it needs and takes what it gives.
func (e *apart) setUp(page *os.File, c *Config) (sharedmem.Mapping, error) {
	var none sharedmem.Mapping
	ram, cpus := e.machine.board.ram, len(e.machine.cpus)
	file, offset := ram.File()
	message, err := encodeMessage(msgSetup, setupMessage{ram.Size(), offset, cpus, c.DirtyRing, c.Inside})
	if err != nil {
		return none, err
	}
	if err := errors.Join(e.process.Send(message, file, page), e.process.SetReadDeadline(time.Now().Add(startLimit))); err != nil {
		return none, err
	}
	buf := make([]byte, child.MaxMessage)
	n, files, err := e.process.ReceiveFiles(buf)
	if err != nil {
		return none, err
	}
	if n == 0 || buf[0] != msgReady || len(files) != 3 {
		for _, f := range files {
			f.Close()
		}
		if n > 0 && buf[0] == msgFailed {
			return none, errors.New(string(buf[1:n]))
		}
		return none, errors.New("it did not say that it is ready")
	}
	mapping := sharedmem.Adopt(0, files[0], files[1], files[2])
	var ready readyMessage
	err = errors.Join(json.Unmarshal(buf[1:n], &ready), e.process.SetReadDeadline(time.Time{}))
	mapping.Base = ready.Base
	return mapping, err
}

// read carries out what the process asks for until it is no more.
func (e *apart) read() {
	var buf [1]byte
	for {
		if n, err := e.process.Receive(buf[:]); n == 0 || err != nil {
			break
		}
		switch buf[0] {
		case msgSerial:
			e.machine.serial.ring()
		case msgSuspend:
			e.machine.board.power.suspend()
		}
	}
	<-e.process.Ended()
	e.mu.Lock()
	ending := e.ending
	e.mu.Unlock()
	if !ending {
		e.died(fmt.Errorf("the process of the vCPUs ended: %w", e.process.Err()))
	}
}

func (e *apart) start() error {
	select {
	case <-e.process.Ended():
		return fmt.Errorf("the process of the vCPUs ended: %w", e.process.Err())
	default:
	}
	e.shifts++
	message, err := encodeShift(e.shifts, e.machine.workload)
	if err != nil {
		return err
	}
	for i, c := range e.machine.cpus {
		e.page.slots[i].steps.Store(c.steps)
	}
	e.page.begin(e.shifts)
	if err := e.process.Send(message); err != nil {
		e.page.begin(0)
		return fmt.Errorf("the process of the vCPUs does not listen: %w", err)
	}
	return nil
}

// glance is how long stop waits between two looks at a vCPU that makes a visit
// just now.
const glance = 20 * time.Microsecond

func (e *apart) stop() {
	e.page.begin(0)
	for i, c := range e.machine.cpus {
		s := &e.page.slots[i]
		for s.visiting.Load() && e.alive() {
			time.Sleep(glance)
		}
		c.steps = s.steps.Load()
	}
}

func (e *apart) alive() bool {
	select {
	case <-e.process.Ended():
		return false
	default:
		return true
	}
}

func (e *apart) throttle(percent uint32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.page != nil {
		e.page.percent.Store(percent)
	}
}

func (e *apart) account(cpu int) *account { return &e.page.slots[cpu].account }

func (e *apart) threads() (ids []int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.page == nil {
		return nil
	}
	for i := range e.page.slots {
		ids = append(ids, int(e.page.slots[i].thread.Load()))
	}
	return ids
}

func (e *apart) close() {
	e.mu.Lock()
	e.ending = true
	e.mu.Unlock()
	e.process.End()
	e.reading.Wait()
	e.memory.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.page.close()
	e.page = nil
}

var (
	_ memory.Guard   = (*guardedMemory)(nil)
	_ memory.Freezer = (*guardedMemory)(nil)
)
