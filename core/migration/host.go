package migration

import (
	"qmpmigrate/core/guest"
	"qmpmigrate/qapi"
)

// Host is the machine that is moved, as its migration sees it. Its methods may
// be called from any goroutine.
type Host interface {
	qapi.EventSink

	// Guest is what is sent, or what is loaded into.
	Guest() guest.Machine
	// RunState is the state of the VM now.
	RunState() qapi.RunState

	// StopForSwitchover stops the VM, remembering whether it ran. From now
	// on the VM is in finish-migrate.
	StopForSwitchover()
	// SwitchoverDone ends what StopForSwitchover began: the VM is in postmigrate.
	SwitchoverDone()
	// SwitchoverUndone gives the VM back as it was before StopForSwitchover;
	// without one it does nothing.
	SwitchoverUndone()

	// IncomingLoaded starts, or leaves stopped, the VM that was loaded.
	IncomingLoaded() error
	// IncomingFailed says that loading failed; exit asks the process to end.
	IncomingFailed(err error, exit bool)
}
