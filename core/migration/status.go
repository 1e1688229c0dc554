package migration

import "qmpmigrate/qapi"

// step is what happens to an outgoing migration; together with the status it decides the next one.
type step int

const (
	stepStart     step = iota // migrate was accepted
	stepSetupDone             // header and setup sections are written
	stepStopped               // the guest was stopped for switchover
	stepSaved                 // everything is sent
	stepBreak                 // the channel or a device failed
	stepCancel                // migrate_cancel
	stepUnwound               // the migration goroutine is through
)

type edge struct {
	from qapi.MigrationStatus
	on   step
}

// transitions is the whole state machine of a source that precopies. What is
// not in it does not change the status.
func transitions() map[edge]qapi.MigrationStatus {
	const (
		none       = qapi.MigrationStatusNone
		setup      = qapi.MigrationStatusSetup
		active     = qapi.MigrationStatusActive
		device     = qapi.MigrationStatusDevice
		completed  = qapi.MigrationStatusCompleted
		failed     = qapi.MigrationStatusFailed
		cancelling = qapi.MigrationStatusCancelling
		cancelled  = qapi.MigrationStatusCancelled
	)
	return map[edge]qapi.MigrationStatus{
		{none, stepStart}:      setup,
		{completed, stepStart}: setup,
		{failed, stepStart}:    setup,
		{cancelled, stepStart}: setup,

		{setup, stepSetupDone}: active,
		{active, stepStopped}:  device,
		{device, stepSaved}:    completed,

		{setup, stepBreak}:  failed,
		{active, stepBreak}: failed,
		{device, stepBreak}: failed,

		{setup, stepCancel}:       cancelling,
		{active, stepCancel}:      cancelling,
		{device, stepCancel}:      cancelling,
		{cancelling, stepUnwound}: cancelled,
	}
}

// running says whether a source in this status has a migration under way.
func running(s qapi.MigrationStatus) bool {
	switch s {
	case qapi.MigrationStatusSetup, qapi.MigrationStatusActive,
		qapi.MigrationStatusDevice, qapi.MigrationStatusCancelling:
		return true
	}
	return false
}
