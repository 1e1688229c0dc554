package states

import "qmpmigrate/qapi"

// SourceStep is what happens to an outgoing migration.
type SourceStep int

const (
	SourceStart        SourceStep = iota // migrate was accepted
	SourceUnplug                         // devices must be unplugged before anything is sent
	SourceSetupDone                      // header and setup sections are written
	SourcePause                          // the guest is stopped, and the user wants a say before the switchover
	SourceSwitchover                     // the guest is stopped, device state is next
	SourcePostcopy                       // the guest runs at its destination, pages follow
	SourceLost                           // the channel broke while pages follow
	SourceResume                         // migrate was accepted again, to go on after the loss
	SourceReconnect                      // the new channel is there
	SourceRecovered                      // both ends agree on what is missing
	SourceCOLO                           // the guest goes on at both ends
	SourceSnapshotDone                   // everything is sent, and the guest never stopped
	SourceStored                         // the VM is stored in a snapshot of its disks
	SourceSaved                          // everything is sent
	SourceConfirmed                      // the destination has said that it has everything, and runs the VM
	SourceBreak                          // the channel or a device failed
	SourceCancel                         // migrate_cancel
	SourceQuit                           // the process ends
	SourceUnwound                        // the migration goroutine is through
	sourceSteps                          // how many there are
)

// Source is the state machine of a source.
func Source() Table[SourceStep] {
	const (
		none         = qapi.MigrationStatusNone
		setup        = qapi.MigrationStatusSetup
		unplug       = qapi.MigrationStatusWaitUnplug
		active       = qapi.MigrationStatusActive
		pre          = qapi.MigrationStatusPreSwitchover
		device       = qapi.MigrationStatusDevice
		postcopy     = qapi.MigrationStatusPostcopyActive
		paused       = qapi.MigrationStatusPostcopyPaused
		recoverSetup = qapi.MigrationStatusPostcopyRecoverSetup
		recovering   = qapi.MigrationStatusPostcopyRecover
		colo         = qapi.MigrationStatusCOLO
		completed    = qapi.MigrationStatusCompleted
		failed       = qapi.MigrationStatusFailed
		cancelling   = qapi.MigrationStatusCancelling
		cancelled    = qapi.MigrationStatusCancelled
	)
	s := Table[SourceStep]{
		{none, SourceStart}:      setup,
		{completed, SourceStart}: setup,
		{failed, SourceStart}:    setup,
		{cancelled, SourceStart}: setup,

		{setup, SourceUnplug}:     unplug,
		{setup, SourceSetupDone}:  active,
		{unplug, SourceSetupDone}: active,

		{active, SourcePause}:      pre,
		{pre, SourceSwitchover}:    device,
		{active, SourceSwitchover}: device,

		{device, SourcePostcopy}:        postcopy,
		{postcopy, SourceLost}:          paused,
		{paused, SourceResume}:          recoverSetup,
		{recoverSetup, SourceReconnect}: recovering,
		{recoverSetup, SourceLost}:      paused,
		{recovering, SourceRecovered}:   postcopy,
		{recovering, SourceLost}:        paused,

		{device, SourceCOLO}:         colo,
		{active, SourceSnapshotDone}: completed,
		{setup, SourceStored}:        completed,
		{device, SourceSaved}:        completed,
		{postcopy, SourceSaved}:      completed,
		{colo, SourceSaved}:          completed,

		// A cancel that comes too late changes nothing.
		{device, SourceConfirmed}:     completed,
		{postcopy, SourceConfirmed}:   completed,
		{cancelling, SourceConfirmed}: completed,

		{cancelling, SourceUnwound}: cancelled,
	}
	for _, from := range []qapi.MigrationStatus{setup, unplug, active, pre, device, colo} {
		s[edge[SourceStep]{from, SourceCancel}] = cancelling
		s[edge[SourceStep]{from, SourceQuit}] = cancelling
		s[edge[SourceStep]{from, SourceBreak}] = failed
	}
	// Only the end of the process ends a source whose VM runs elsewhere.
	for _, from := range []qapi.MigrationStatus{postcopy, paused, recoverSetup, recovering} {
		s[edge[SourceStep]{from, SourceQuit}] = cancelling
	}
	s[edge[SourceStep]{postcopy, SourceBreak}] = failed // not the channel: a device
	return s
}
