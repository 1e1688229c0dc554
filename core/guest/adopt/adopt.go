// Package adopt is the machine that takes whatever VM migrates in: RAM blocks
// of any names and sizes, and device state exactly as it came, in parts where
// it came so. Its vCPUs never run here; it waits to be migrated on.
package adopt

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
)

// ErrCannotRun is what an adopted machine answers to cont.
var ErrCannotRun = errors.New("An adopted machine has no vCPUs to run: migrate it on to let it continue")

// ErrEmpty is the answer to anything that needs a VM before one came.
var ErrEmpty = errors.New("No machine has been adopted yet")

// Machine is an adopted machine, empty until a stream is loaded into it.
type Machine struct {
	// mu guards what a monitor may look at while a stream is being loaded.
	mu          sync.Mutex
	conf        savevm.Configuration
	blocks      []*memory.Block
	devices     []savevm.Device
	device      map[savevm.DeviceKey]savevm.State // the same, to be found: who sends a stream decides how many there are
	live        []savevm.Live                     // iterable sections besides memory
	liveAt      map[savevm.DeviceKey]int          // where in live
	description []byte
	undescribed bool   // the stream has no description, and is whole nevertheless
	lacks       string // a block whose memory is not here
	// retired are the blocks of machines that were here before.
	retired []*memory.Block
}

// New makes an empty machine.
func New() *Machine { return &Machine{} }

// Configuration is what came: the next destination compares it with itself.
func (m *Machine) Configuration() *savevm.Configuration {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.conf
	return &c
}

// Description is the text that came, nil where none did.
func (m *Machine) Description() []byte { return m.description }

// Blocks are the blocks in the order in which the source listed them.
func (m *Machine) Blocks() []*memory.Block {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.blocks
}

// Devices are the sections in the order in which they came.
func (m *Machine) Devices() []savevm.Device {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.devices
}

// Start refuses: see ErrCannotRun.
func (m *Machine) Start() error {
	if m.Loaded() != nil {
		return ErrEmpty
	}
	return ErrCannotRun
}

// Stop has nothing to stop.
func (m *Machine) Stop() {}

// Close gives the memory back.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	for _, b := range append(m.retired, m.blocks...) {
		err = errors.Join(err, b.Close())
	}
	m.blocks, m.retired = nil, nil
	return err
}

// Configure takes any machine over.
func (m *Machine) Configure(c *savevm.Configuration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conf = *c
	return nil
}

// Block makes the block that the stream lists.
func (m *Machine) Block(name string, used uint64) (*memory.Block, error) {
	b, err := memory.New(name, used)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blocks = append(m.blocks, b)
	return b, nil
}

// Device keeps any section. One that comes again replaces what came before, as
// it does in QEMU.
func (m *Machine) Device(idstr string, instance uint32) (savevm.State, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := savevm.DeviceKey{IDStr: idstr, Instance: instance}
	if state := m.device[key]; state != nil {
		return state, true
	}
	d := savevm.Device{IDStr: idstr, Instance: instance, State: &savevm.Opaque{}}
	if m.device == nil {
		m.device = map[savevm.DeviceKey]savevm.State{}
	}
	m.devices, m.device[key] = append(m.devices, d), d.State
	return d.State, true
}

// Keep keeps any iterable section besides those of memory and disks. One that
// comes again replaces what came before.
func (m *Machine) Keep(idstr string, instance, version uint32) *savevm.Kept {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := &savevm.Kept{}
	l := savevm.Live{IDStr: idstr, Instance: instance, Version: version, Source: kept}
	key := savevm.DeviceKey{IDStr: idstr, Instance: instance}
	if at, ok := m.liveAt[key]; ok {
		m.live[at] = l
		return kept
	}
	if m.liveAt == nil {
		m.liveAt = map[savevm.DeviceKey]int{}
	}
	m.liveAt[key] = len(m.live)
	m.live = append(m.live, l)
	return kept
}

// LiveDevices are the iterable sections in the order in which they came.
func (m *Machine) LiveDevices() []savevm.Live {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.live)
}

// Describe takes the description over and holds the sections against it, which
// proves that their ends were found where they are.
func (m *Machine) Describe(text []byte) error {
	if len(text) == 0 {
		return errors.New("Expected vmdescription section, but the stream ended: without it device state cannot be told apart")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := savevm.CheckDescription(text, m.devices); err != nil {
		return err
	}
	m.description = text
	return nil
}

// Undescribed is guest.Undescribed's: sections stay as they were cut, which
// nothing proves.
func (m *Machine) Undescribed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.undescribed = true
}

// Loaded says whether a whole VM is here.
func (m *Machine) Loaded() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.blocks) == 0 || m.description == nil && !m.undescribed {
		return ErrEmpty
	}
	for _, l := range m.live {
		if !l.Source.(*savevm.Kept).Ended() {
			return fmt.Errorf("section '%s' has not come to its end", l.IDStr)
		}
	}
	return nil
}

// String names the machine for messages.
func (m *Machine) String() string { return fmt.Sprintf("adopted %s", m.Configuration().Machine) }
