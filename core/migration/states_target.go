package migration

import "qmpmigrate/qapi"

// targetStep is what happens to an incoming migration.
type targetStep int

const (
	targetListen    targetStep = iota // the channel is open
	targetConnect                     // the source is there
	targetPostcopy                    // the guest is about to run here, pages follow
	targetLost                        // the channel broke while pages follow
	targetReconnect                   // the source is there again
	targetRecovered                   // both ends agree on what is missing
	targetCOLO                        // the guest goes on at both ends
	targetLoaded                      // everything came, and the guest runs if it shall
	targetBreak                       // loading failed
	targetSteps                       // how many there are
)

// targetStates is the state machine of a destination.
func targetStates() states[targetStep] {
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
	return states[targetStep]{
		{none, targetListen}:   setup,
		{setup, targetConnect}: active,

		{active, targetPostcopy}:      postcopy,
		{postcopy, targetLost}:        paused,
		{paused, targetReconnect}:     recovering,
		{recovering, targetRecovered}: postcopy,
		{recovering, targetLost}:      paused,

		{active, targetCOLO}:     colo,
		{active, targetLoaded}:   completed,
		{postcopy, targetLoaded}: completed,
		{colo, targetLoaded}:     completed,

		{setup, targetBreak}:    failed,
		{active, targetBreak}:   failed,
		{postcopy, targetBreak}: failed,
		{colo, targetBreak}:     failed,
	}
}
