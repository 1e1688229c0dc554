package migration

import "qmpmigrate/qapi"

// sourceStep is what happens to an outgoing migration.
type sourceStep int

const (
	stepStart        sourceStep = iota // migrate was accepted
	stepUnplug                         // devices must be unplugged before anything is sent
	stepSetupDone                      // header and setup sections are written
	stepPause                          // the guest is stopped, and the user wants a say before the switchover
	stepSwitchover                     // the guest is stopped, device state is next
	stepPostcopy                       // the guest runs at its destination, pages follow
	stepLost                           // the channel broke while pages follow
	stepResume                         // migrate was accepted again, to go on after the loss
	stepReconnect                      // the new channel is there
	stepRecovered                      // both ends agree on what is missing
	stepCOLO                           // the guest goes on at both ends
	stepSnapshotDone                   // everything is sent, and the guest never stopped
	stepStored                         // the VM is stored in a snapshot of its disks
	stepSaved                          // everything is sent
	stepConfirmed                      // the destination has said that it has everything, and runs the VM
	stepBreak                          // the channel or a device failed
	stepCancel                         // migrate_cancel
	stepQuit                           // the process ends
	stepUnwound                        // the migration goroutine is through
	sourceSteps                        // how many there are
)

// sourceStates is the state machine of a source.
func sourceStates() states[sourceStep] {
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
	s := states[sourceStep]{
		{none, stepStart}:      setup,
		{completed, stepStart}: setup,
		{failed, stepStart}:    setup,
		{cancelled, stepStart}: setup,

		{setup, stepUnplug}:     unplug,
		{setup, stepSetupDone}:  active,
		{unplug, stepSetupDone}: active,

		{active, stepPause}:      pre,
		{pre, stepSwitchover}:    device,
		{active, stepSwitchover}: device,

		{device, stepPostcopy}:        postcopy,
		{postcopy, stepLost}:          paused,
		{paused, stepResume}:          recoverSetup,
		{recoverSetup, stepReconnect}: recovering,
		{recoverSetup, stepLost}:      paused,
		{recovering, stepRecovered}:   postcopy,
		{recovering, stepLost}:        paused,

		{device, stepCOLO}:         colo,
		{active, stepSnapshotDone}: completed,
		{setup, stepStored}:        completed,
		{device, stepSaved}:        completed,
		{postcopy, stepSaved}:      completed,
		{colo, stepSaved}:          completed,

		// A cancel that comes too late changes nothing.
		{device, stepConfirmed}:     completed,
		{postcopy, stepConfirmed}:   completed,
		{cancelling, stepConfirmed}: completed,

		{cancelling, stepUnwound}: cancelled,
	}
	for _, from := range []qapi.MigrationStatus{setup, unplug, active, pre, device, colo} {
		s[edge[sourceStep]{from, stepCancel}] = cancelling
		s[edge[sourceStep]{from, stepQuit}] = cancelling
		s[edge[sourceStep]{from, stepBreak}] = failed
	}
	// Only the end of the process ends a source whose VM runs elsewhere.
	for _, from := range []qapi.MigrationStatus{postcopy, paused, recoverSetup, recovering} {
		s[edge[sourceStep]{from, stepQuit}] = cancelling
	}
	s[edge[sourceStep]{postcopy, stepBreak}] = failed // not the channel: a device
	return s
}
