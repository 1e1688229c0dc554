package memtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
)

// Machine is the built-in guest. The methods of guest.Guest, and Boot and
// Reset, are for one goroutine at a time; the others are safe from any.
type Machine struct {
	board   board
	blocks  []*memory.Block
	cpus    []*vcpu
	devices []savevm.Device

	// workload is one of workloads, program the same put to this machine.
	workloads []Workload
	workload  Workload
	program   program
	booted    bool // memory has had its first contents

	throttle atomic.Uint32
	stint    *stint // nil while stopped
	running  atomic.Bool

	// gate is held for reading by those who look at memory or state from
	// outside, and for writing to start, to change state, and to close.
	gate    sync.RWMutex
	closed  bool
	closing context.Context // ends when Close begins
	close   context.CancelFunc
}

var _ guest.Guest = (*Machine)(nil)

// New makes a machine, stopped. Its memory is reserved but not touched yet.
func New(c Config) (*Machine, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	ram, err := memory.New(BlockName, c.RAMSize)
	if err != nil {
		return nil, err
	}
	if !c.Incoming {
		ram.AdviseHuge()
	}
	if c.Prealloc {
		if err := ram.Prealloc(); err != nil {
			return nil, errors.Join(fmt.Errorf("cannot allocate guest memory '%s': %w", BlockName, err), ram.Close())
		}
	}
	m := &Machine{
		board:     board{ram: ram, serial: &serialPort{out: c.Serial}, cpus: c.VCPUs},
		blocks:    []*memory.Block{ram},
		workloads: workloads(),
		booted:    c.Incoming,
	}
	m.closing, m.close = context.WithCancel(context.Background())
	for range c.VCPUs {
		m.cpus = append(m.cpus, &vcpu{})
	}
	i := slices.IndexFunc(m.workloads, func(w Workload) bool { return w.Name() == c.Workload.Name() })
	m.workloads[i] = c.Workload.clone()
	m.use(m.workloads[i])
	m.devices = m.describe()
	return m, nil
}

// use makes w, one of m.workloads, the one that runs.
func (m *Machine) use(w Workload) {
	m.workload = w
	m.program = w.start(&m.board)
}

// Blocks is the one block, at guest-physical 0.
func (m *Machine) Blocks() []*memory.Block { return m.blocks }

// Devices are the vCPUs, the serial port and the workload.
func (m *Machine) Devices() []savevm.Device { return m.devices }

// Close stops the guest and gives its memory back.
func (m *Machine) Close() error {
	m.close()
	m.Stop()
	m.gate.Lock()
	defer m.gate.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	return m.board.ram.Close()
}

// enter keeps memory mapped, and the machine from starting, until leave.
func (m *Machine) enter() error {
	m.gate.RLock()
	if m.closed {
		m.gate.RUnlock()
		return ErrClosed
	}
	return nil
}

func (m *Machine) leave() { m.gate.RUnlock() }

// steps is what the vCPUs have visited.
func (m *Machine) steps() []uint64 {
	steps := make([]uint64, len(m.cpus))
	for i, c := range m.cpus {
		steps[i] = c.steps
	}
	return steps
}
