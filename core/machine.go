// Package core is one machine and the engine that moves it. Everything hangs
// from a Machine: any number of them live in one process.
package core

import (
	"sync"

	"github.com/google/uuid"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/migration"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// Config is how a machine begins.
type Config struct {
	// Name is the VM's name, empty for none.
	Name string
	// UUID identifies the VM; the zero value means that it has none.
	UUID uuid.UUID
	// Paused leaves the VM stopped at its start, and after an incoming
	// migration.
	Paused bool
	// Incoming makes the machine wait for an incoming migration.
	Incoming bool
	// Events gets the machine's events. nil drops them.
	Events qapi.EventSink
	// Failed is told once when an incoming migration failed that the process
	// should not outlive. It must return at once. nil ignores it.
	Failed func(err error)
}

// Machine is one machine with its run state and its migration. Its methods
// may be called from any goroutine.
type Machine struct {
	conf      Config
	guest     guest.Machine
	migration *migration.Migration

	mu        sync.Mutex
	state     qapi.RunState
	autostart bool
	// before is the run state that StopForSwitchover found.
	before qapi.RunState
	global globalState
	// test is the guest where it is the built-in one.
	test *memtest.Machine
	// relay is set for a machine that never runs here.
	relay bool
}

// New makes a machine of a guest whose memory and devices are known in advance.
// typeName is the name of its machine type in the stream.
func New(conf Config, typeName string, g guest.Guest) *Machine {
	m := newMachine(conf)
	id := savevm.Configuration{Machine: typeName}
	m.guest = guest.Native(g, id, m.global.device())
	return m
}

// NewMemtest makes a machine with the built-in guest.
func NewMemtest(conf Config, test memtest.Config) (*Machine, error) {
	test.Incoming = conf.Incoming
	g, err := memtest.New(test)
	if err != nil {
		return nil, err
	}
	m := New(conf, "memtest", g)
	m.test = g
	return m, nil
}

// NewRelay makes a machine around one that brings its own configuration and
// global state, as an adopted one does.
func NewRelay(conf Config, g guest.Machine) *Machine {
	m := newMachine(conf)
	m.guest, m.relay = g, true
	return m
}

func newMachine(conf Config) *Machine {
	if conf.Events == nil {
		conf.Events = nowhere{}
	}
	if conf.Failed == nil {
		conf.Failed = func(error) {}
	}
	m := &Machine{conf: conf, state: qapi.RunStatePrelaunch, autostart: !conf.Paused}
	if conf.Incoming {
		m.state = qapi.RunStateInmigrate
	}
	m.global.store(m.state)
	m.migration = migration.New(m)
	return m
}

// Migration is the engine that moves the machine.
func (m *Machine) Migration() *migration.Migration { return m.migration }

// Guest is the machine's guest.
func (m *Machine) Guest() guest.Machine { return m.guest }

// Emit passes an event on.
func (m *Machine) Emit(e qapi.Event) { m.conf.Events.Emit(e) }

// Close ends what the machine does and gives its memory back.
func (m *Machine) Close() error {
	m.migration.Close()
	m.guest.Stop()
	return m.guest.Close()
}

// nowhere is the sink of a machine that nobody listens to.
type nowhere struct{}

func (nowhere) Emit(qapi.Event) {}
