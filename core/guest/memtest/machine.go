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
	plugged plugged
	disk    *diskWriter // nil for none; it is plugged in, too

	// workload is one of workloads, program the same put to this machine.
	workloads []Workload
	workload  Workload
	program   program
	booted    bool // memory has had its first contents

	engine   engine
	controls *controls
	serial   *serialPort
	running  atomic.Bool

	// rings is nil where the vCPUs have none. watching is held to look at what
	// they share, of which accounts is nil after Close.
	rings    *rings
	watching sync.Mutex
	accounts []*account

	// gate is held for reading by those who look at memory or state from
	// outside, and for writing to start, to change state, and to close.
	gate    sync.RWMutex
	closed  bool
	closing context.Context // ends when Close begins
	close   context.CancelFunc
}

var _ guest.Ringed = (*Machine)(nil)

// New makes a machine, stopped. Its memory is reserved but not touched yet.
func New(c Config) (*Machine, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	ram, err := c.memory()
	if err != nil {
		return nil, err
	}
	if !c.Incoming {
		ram.AdviseHuge()
	}
	m := &Machine{
		board:     board{ram: ram, cpus: c.VCPUs},
		serial:    &serialPort{out: c.Serial},
		blocks:    []*memory.Block{ram},
		workloads: workloads(),
		booted:    c.Incoming,
	}
	m.board.power.obeys = c.Powerdown
	m.board.power.suspend, m.board.power.shutdown = c.Suspend, c.Shutdown
	m.closing, m.close = context.WithCancel(context.Background())
	for i := range c.VCPUs {
		m.cpus = append(m.cpus, &vcpu{number: i})
	}
	if err := m.choose(&c); err != nil {
		return nil, errors.Join(err, ram.Close())
	}
	i := slices.IndexFunc(m.workloads, func(w Workload) bool { return w.Name() == c.Workload.Name() })
	m.workloads[i] = c.Workload.clone()
	m.use(m.workloads[i])
	m.plugged = c.Devices
	if c.Disk != nil {
		m.disk = newDiskWriter(c.Disk, c.DiskRate, c.DiskFailed)
		m.plugged = append(slices.Clone(c.Devices), m.disk)
	}
	m.devices = m.describe()
	return m, nil
}

// choose makes the engine and what it shares with the machine.
func (m *Machine) choose(c *Config) error {
	m.controls = &controls{}
	if c.Apart {
		e, err := newApart(m, c)
		if err != nil {
			return err
		}
		m.engine, m.controls = e, &e.page.controls
	} else {
		m.engine = newSoft(m, c.DirtyRing)
	}
	for i := range m.cpus {
		m.accounts = append(m.accounts, m.engine.account(i))
	}
	if c.DirtyRing > 0 {
		m.rings = &rings{m, c.DirtyRing}
	}
	m.serial.use(&m.controls.fifo)
	m.board.serial = m.serial
	m.board.power.asleep = &m.controls.asleep
	return nil
}

// memory is the RAM that was given, or a new one.
func (c *Config) memory() (*memory.Block, error) {
	if c.RAM != nil {
		return c.RAM, nil
	}
	reserve := memory.New
	if c.Apart {
		reserve = memory.NewShareable
	}
	ram, err := reserve(c.RAMName, c.RAMSize)
	if err != nil || !c.Prealloc {
		return ram, err
	}
	if err := ram.Prealloc(); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot allocate guest memory '%s': %w", c.RAMName, err), ram.Close())
	}
	return ram, nil
}

// use makes w, one of m.workloads, the one that runs.
func (m *Machine) use(w Workload) {
	m.workload = w
	m.program = w.start(&m.board)
}

// Blocks is the one block, at guest-physical 0.
func (m *Machine) Blocks() []*memory.Block { return m.blocks }

// Devices are the vCPUs, the serial port, the workload, and what was plugged in.
func (m *Machine) Devices() []savevm.Device { return m.devices }

// DirtyRings are those of the vCPUs, where they have some (Config.DirtyRing).
func (m *Machine) DirtyRings() guest.DirtyRings {
	if m.rings == nil {
		return nil
	}
	return m.rings
}

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
	m.serial.use(&fifo{})
	m.watching.Lock()
	m.accounts = nil
	m.watching.Unlock()
	m.engine.close()
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
