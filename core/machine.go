// Package core is one machine and the engine that moves it. Everything hangs
// from a Machine: any number of them live in one process.
package core

import (
	"errors"
	"sync"

	"github.com/google/uuid"

	"qmpmigrate/channels"
	"qmpmigrate/core/announce"
	"qmpmigrate/core/block"
	"qmpmigrate/core/dirtyrate"
	"qmpmigrate/core/dirtyring"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/guest/cputhread"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/guest/none"
	"qmpmigrate/core/job"
	"qmpmigrate/core/machinetype"
	"qmpmigrate/core/migration"
	"qmpmigrate/core/object"
	"qmpmigrate/core/qom"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// Config is how a machine begins.
type Config struct {
	// Name is the VM's name, empty for none.
	Name string
	// UUID identifies the VM; the zero value means that it has none.
	UUID uuid.UUID
	// OnlyMigratable refuses whatever would keep the VM from being migrated.
	OnlyMigratable bool
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
	// FDSets is where file: addresses look up the paths /dev/fdset/N. nil:
	// there are none.
	FDSets channels.FDSets
	// Report gets lines of text for people: what went wrong with no command
	// to tell it to, and warnings, which begin with "warning: ". nil drops them.
	Report func(text string)
	// Yank is where the machine says what of it can be cut off, and what the
	// command yank cuts; a process puts its own connections there, too. nil
	// is a register of the machine's own.
	Yank *yank.Register
	// Trace is where the machine's trace events are. nil keeps them silent.
	Trace *trace.Set
	// Board is what the machine is made of.
	Board Board
	// Actions say what is to be done when something happens to the guest.
	Actions Actions
	// Exit is told when the VM shut down and the process should end with it.
	// It must return at once. nil ignores it.
	Exit func()
	// Objects are what users created, which may be before the machine is
	// made. nil is a registry of the machine's own. The machine closes it.
	Objects *object.Registry
	// RAM is the id of the object that is the guest's memory; empty for none.
	RAM string
	// Chardevs are the process's character devices, for the tree of objects.
	// nil: there are none.
	Chardevs func() []*qom.Node
	// Devices are what is plugged in under a name, and the others, for the tree of objects. nil: there are none.
	Devices func() (named, others []*qom.Node)
	// Disks are the VM's. nil: it has none. The machine closes them.
	Disks *block.Graph
}

// Machine is one machine with its run state and its migration. Its methods
// may be called from any goroutine.
type Machine struct {
	conf      Config
	guest     guest.Machine
	migration *migration.Migration
	jobs      *job.Registry
	points    points
	dirtyRate dirtyrate.Meter
	rings     *dirtyring.Rings // nil where the vCPUs have none
	// transitions never changes.
	transitions map[edge]bool
	// hardware is what guest was made of, for what only some guests can do.
	hardware any
	// requests are the guest's that are being carried out.
	requests  requests
	announcer announce.Announcer
	board     Board
	threads   cputhread.Threads // of a guest that has none

	// access is held for reading by those who look at the guest's memory, and
	// for writing to give it back.
	access sync.RWMutex
	gone   bool

	mu        sync.Mutex
	state     qapi.RunState
	autostart bool
	// before is the run state that StopForSwitchover found.
	before qapi.RunState
	clock  clock
	// slept is set in a stopped VM that was suspended before.
	slept bool
	// resetLater is set when a reset came while the guest could not be touched.
	resetLater bool
	actions    Actions
	closed     bool
	// wakes is set where system_wakeup can wake the guest up.
	wakes  bool
	global globalState
	// test is the guest where it is the built-in one.
	test *memtest.Machine
	// relay is set for a machine that never runs here.
	relay bool
	// begin is what x-exit-preconfig calls; nil when there is no time before.
	begin func() error
}

// New makes a machine of a guest whose memory and devices are known in advance.
// typeName is the name of its machine type in the stream.
func New(conf Config, typeName string, g guest.Guest) *Machine {
	m := newMachine(conf)
	m.use(typeName, g)
	return m
}

func (m *Machine) use(typeName string, g guest.Guest) {
	m.board.use(typeName)
	m.hardware, m.wakes = g, true
	m.guest = guest.Native(g, savevm.Configuration{Machine: typeName}, m.global.device())
	if rings := guest.RingsOf(m.guest); rings != nil {
		m.rings = dirtyring.New(rings, m.migration.DirtyLimitPeriod)
	}
	m.migration.MachineType(typeName)
}

// NewMemtest makes a machine with the built-in guest.
func NewMemtest(conf Config, test memtest.Config) (*Machine, error) {
	m := newMachine(conf)
	test.Incoming = conf.Incoming
	test.Suspend = func() { m.requests.Go(m.guestSuspends) }
	test.Shutdown = func() { m.requests.Go(m.guestShutsDown) }
	test.DiskFailed = func(err error) { m.conf.Report("the guest cannot write its disk: " + block.Strerror(err)) }
	test.Died = func(err error) { m.requests.Go(func() { m.guestDied(err) }) }
	g, err := memtest.New(test)
	if err != nil {
		return nil, err
	}
	name := conf.Board.Type.Name
	if name == "" {
		name = machinetype.MemtestName
	}
	m.use(name, g)
	m.test = g
	return m, nil
}

// NewEmpty makes a machine without a guest, which only answers questions.
func NewEmpty(conf Config) *Machine {
	m := New(conf, machinetype.NoneName, none.Machine{})
	m.wakes = false
	return m
}

// NewRelay makes a machine around one that brings its own configuration and
// global state, as an adopted one does.
func NewRelay(conf Config, g guest.Machine) *Machine {
	m := newMachine(conf)
	m.guest, m.relay, m.wakes = g, true, true
	m.board.use(machinetype.AdoptName)
	return m
}

func newMachine(conf Config) *Machine {
	if conf.Events == nil {
		conf.Events = nowhere{}
	}
	if conf.Failed == nil {
		conf.Failed = func(error) {}
	}
	if conf.Report == nil {
		conf.Report = func(string) {}
	}
	if conf.Yank == nil {
		conf.Yank = &yank.Register{}
	}
	if conf.Objects == nil {
		conf.Objects = &object.Registry{}
	}
	if conf.Disks == nil {
		conf.Disks = &block.Graph{}
	}
	if conf.Exit == nil {
		conf.Exit = func() {}
	}
	m := &Machine{conf: conf, state: qapi.RunStatePrelaunch, autostart: !conf.Paused,
		transitions: transitions(), actions: conf.Actions.complete(), board: conf.Board.complete(),
		points: newPoints(conf.Trace)}
	if conf.Incoming {
		m.state = qapi.RunStateInmigrate
		if err := conf.Disks.Inactivate(); err != nil {
			conf.Report(err.Error())
		}
	}
	m.global.store(m.state, false)
	m.migration = migration.New(m)
	if conf.OnlyMigratable {
		m.migration.OnlyMigratable()
	}
	m.jobs = job.NewRegistry(m)
	return m
}

// Migration is the engine that moves the machine.
func (m *Machine) Migration() *migration.Migration { return m.migration }

// Guest is the machine's guest.
func (m *Machine) Guest() guest.Machine { return m.guest }

// Disks are the machine's.
func (m *Machine) Disks() *block.Graph { return m.conf.Disks }

// Emit passes an event on.
func (m *Machine) Emit(e qapi.Event) { m.conf.Events.Emit(e) }

// Close ends what the machine does and gives its memory back.
func (m *Machine) Close() error {
	m.migration.Close()
	m.announcer.Close()
	m.jobs.Close()
	m.dirtyRate.Close()
	if m.rings != nil {
		m.rings.Close()
	}
	m.mu.Lock()
	m.closed = true
	m.guest.Stop()
	m.mu.Unlock()
	m.requests.close()
	m.threads.Close()
	m.access.Lock()
	defer m.access.Unlock()
	m.gone = true
	err := errors.Join(m.guest.Close(), m.conf.Disks.Close())
	m.conf.Objects.Close()
	return err
}

// nowhere is the sink of a machine that nobody listens to.
type nowhere struct{}

func (nowhere) Emit(qapi.Event) {}
