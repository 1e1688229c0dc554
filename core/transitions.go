package core

import "qmpmigrate/qapi"

// edge is a change of the run state.
type edge struct{ from, to qapi.RunState }

// transitions is every change of the run state that is allowed. A state may
// always become itself.
func transitions() map[edge]bool {
	const (
		debug      = qapi.RunStateDebug
		inmigrate  = qapi.RunStateInmigrate
		internal   = qapi.RunStateInternalError
		ioError    = qapi.RunStateIOError
		paused     = qapi.RunStatePaused
		away       = qapi.RunStatePostmigrate
		prelaunch  = qapi.RunStatePrelaunch
		finish     = qapi.RunStateFinishMigrate
		restore    = qapi.RunStateRestoreVM
		running    = qapi.RunStateRunning
		save       = qapi.RunStateSaveVM
		shutdown   = qapi.RunStateShutdown
		suspended  = qapi.RunStateSuspended
		watchdog   = qapi.RunStateWatchdog
		panicked   = qapi.RunStateGuestPanicked
		checkpoint = qapi.RunStateCOLO
	)
	table := map[edge]bool{}
	for _, row := range []struct {
		from qapi.RunState
		to   []qapi.RunState
	}{
		{prelaunch, []qapi.RunState{inmigrate, running, suspended, finish}},
		{inmigrate, []qapi.RunState{running, suspended, paused, prelaunch, finish, away, shutdown, internal, ioError,
			watchdog, panicked, checkpoint}},
		{running, []qapi.RunState{paused, suspended, finish, restore, save, shutdown, internal, ioError, watchdog,
			panicked, debug, checkpoint}},
		{suspended, []qapi.RunState{running, paused, prelaunch, finish, restore, save, shutdown, checkpoint}},
		{paused, []qapi.RunState{running, suspended, prelaunch, finish, away, checkpoint}},
		{finish, []qapi.RunState{running, suspended, paused, prelaunch, away, shutdown, internal, ioError, watchdog,
			panicked, checkpoint}},
		{away, []qapi.RunState{running, prelaunch, finish}},
		{shutdown, []qapi.RunState{paused, prelaunch, finish, checkpoint}},
		{save, []qapi.RunState{running, suspended}},
		{restore, []qapi.RunState{running, suspended, prelaunch}},
		{debug, []qapi.RunState{running, suspended, prelaunch, finish}},
		{internal, []qapi.RunState{paused, prelaunch, finish}},
		{ioError, []qapi.RunState{running, prelaunch, finish}},
		{watchdog, []qapi.RunState{running, prelaunch, finish, checkpoint}},
		{panicked, []qapi.RunState{running, prelaunch, finish}},
		{checkpoint, []qapi.RunState{running, prelaunch, shutdown}},
	} {
		for _, to := range row.to {
			table[edge{row.from, to}] = true
		}
	}
	return table
}

// live says whether a VM in this state goes on by itself: its vCPUs run, or
// would as soon as something wakes them up.
func live(s qapi.RunState) bool {
	return s == qapi.RunStateRunning || s == qapi.RunStateSuspended
}

// needsReset says whether a VM in this state cannot go on without a reset.
func needsReset(s qapi.RunState) bool {
	return s == qapi.RunStateInternalError || s == qapi.RunStateShutdown
}
