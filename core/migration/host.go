package migration

import (
	"qmpmigrate/core/announce"
	"qmpmigrate/core/block"
	"qmpmigrate/core/dirtyring"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// Host is the machine that is moved, as its migration sees it. Its methods may
// be called from any goroutine.
type Host interface {
	qapi.EventSink
	links.Host

	// Guest is what is sent, or what is loaded into.
	Guest() guest.Machine
	// DirtyRings are those of the VM's vCPUs, nil where they have none.
	DirtyRings() *dirtyring.Rings
	// Disks are the VM's.
	Disks() *block.Graph
	// RunState is the state of the VM now.
	RunState() qapi.RunState
	// VCPUs is how many the VM has.
	VCPUs() int
	// YankRegister is the register of what can be cut off.
	YankRegister() *yank.Register

	// Moment stops the VM, if it runs, lets do look at it, and lets it go on
	// as before. Nobody writes to its memory meanwhile.
	Moment(do func() error) error
	// StopForSwitchover stops the VM, remembering whether it ran. From now
	// on the VM is in finish-migrate.
	StopForSwitchover()
	// ReleaseDisks makes what was written to the disks safe, and leaves them
	// to the machine that the VM goes to. It is called after all that is sent
	// of them, and before the other machine has all that it needs.
	ReleaseDisks() error
	// SwitchoverDone ends what StopForSwitchover began: the VM is in
	// postmigrate, unless commit says no. Nobody sees the run state between
	// commit and its change.
	SwitchoverDone(commit func() bool) bool
	// SwitchoverUndone gives the VM back as it was before StopForSwitchover,
	// its disks included.
	// tell is called when the VM is back, before the event that says so.
	SwitchoverUndone(tell func())

	// IncomingLoaded starts, or leaves stopped, the VM that was loaded, and
	// lets its network cards tell where they are now.
	IncomingLoaded(rounds announce.Params) error
	// IncomingKept takes the VM that was loaded and leaves it stopped, as it
	// may go on at its source.
	IncomingKept() error
	// IncomingFailed says that loading failed; exit asks the process to end.
	IncomingFailed(err error, exit bool)

	lockstepHost
}
