package states

import "qmpmigrate/qapi"

// TargetStep is what happens to an incoming migration.
type TargetStep int

const (
	TargetListen    TargetStep = iota // the channel is open
	TargetConnect                     // the source is there
	TargetPostcopy                    // the guest is about to run here, pages follow
	TargetLost                        // the channel broke while pages follow
	TargetReconnect                   // the source is there again
	TargetRecovered                   // both ends agree on what is missing
	TargetCOLO                        // the guest goes on at both ends
	TargetLoaded                      // everything came, and the guest runs if it shall
	TargetBreak                       // loading failed
	targetSteps                       // how many there are
)

// Target is the state machine of a destination.
func Target() Table[TargetStep] {
	const (
		none       = qapi.MigrationStatusNone
		setup      = qapi.MigrationStatusSetup
		active     = qapi.MigrationStatusActive
		postcopy   = qapi.MigrationStatusPostcopyActive
		paused     = qapi.MigrationStatusPostcopyPaused
		recovering = qapi.MigrationStatusPostcopyRecover
		colo       = qapi.MigrationStatusCOLO
		completed  = qapi.MigrationStatusCompleted
		failed     = qapi.MigrationStatusFailed
	)
	return Table[TargetStep]{
		{none, TargetListen}:   setup,
		{setup, TargetConnect}: active,

		{active, TargetPostcopy}:      postcopy,
		{postcopy, TargetLost}:        paused,
		{paused, TargetReconnect}:     recovering,
		{recovering, TargetRecovered}: postcopy,
		{recovering, TargetLost}:      paused,

		{active, TargetCOLO}:     colo,
		{active, TargetLoaded}:   completed,
		{postcopy, TargetLoaded}: completed,
		{colo, TargetLoaded}:     completed,

		{setup, TargetBreak}:    failed,
		{active, TargetBreak}:   failed,
		{postcopy, TargetBreak}: failed,
		{colo, TargetBreak}:     failed,
	}
}
