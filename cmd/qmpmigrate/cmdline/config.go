package cmdline

import (
	"github.com/google/uuid"

	"qmpmigrate/qapi/qobject"
)

// Config is what the command line asks for. Zero values mean "not said" unless a field tells otherwise.
type Config struct {
	// The machine.

	Machine Machine
	Memory  Memory
	SMP     SMP
	Boot    Boot
	Accels  []Accel // in order of preference; empty: not said; see ChooseAccel
	Accel   string  // the one that ChooseAccel chose
	// DirtyRing is how many pages a vCPU's dirty ring takes with it, 0 for none.
	DirtyRing uint64
	CPU       string // -cpu, as written
	Name      Name
	UUID      uuid.UUID // all zero if not set
	Seed      *uint64   // of the guest's random numbers

	// Monitors and other character devices. Every Chardev that the others point to is in Chardevs, in the order in
	// which they have to be opened.

	Chardevs []*Chardev
	QMP, HMP []Monitor
	Serial   []Serial
	Qtest    *Chardev // in Chardevs only if it is one of -chardev; else opened last
	QtestLog string
	FDs      []FD // -add-fd

	// Migration and life cycle.

	Incoming       []Incoming // empty: no incoming migration; at most one for each channel type
	Paused         bool       // -S
	Preconfig      bool       // --preconfig
	Snapshot       bool       // -snapshot: what is written to drives is forgotten
	OnlyMigratable bool
	LoadVM         string
	DumpVMState    string // write the description of all device state to this file and exit
	Actions        Actions
	Globals        []Global
	Compat         Compat

	// Everything that has an id, or that only has to be remembered.

	Objects    []Object
	Devices    []Device
	Drives     []Drive
	BlockNodes []BlockNode
	Netdevs    []Netdev
	Remembered []Remembered // options without effect here, in order

	// The process.

	Msg       Msg
	Log       Log
	Trace     []Trace
	Sandbox   Sandbox
	RunWith   RunWith
	PidFile   string
	Daemonize bool
	Display   string // none, or what -display, -vnc and -nographic ask for; nothing here draws

	MemPath     string // -mem-path
	MemPrealloc bool   // -mem-prealloc
	MemLock     string // -overcommit mem-lock=: on, off, on-fault

	accelRefused bool // one of the accelerators was not known
}

// Name is -name.
type Name struct {
	Guest        string // what query-name shows; empty is allowed
	Process      string // for the process's title
	DebugThreads bool   // threads get names
}

// Msg is -msg: what each line on stderr starts with.
type Msg struct {
	Timestamp bool // 2026-11-23T00:44:53.666245Z
	GuestName bool // the guest's name, if it has one
}

// Remembered is an option that was checked and has no effect.
type Remembered struct {
	Option string // without dash
	Value  string
	Props  *qobject.Dict // the parts of Value, where its grammar is known; else nil
	Where  Origin
}
