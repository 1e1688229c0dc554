// Package states is how a migration goes on: the statuses of its two sides, what
// happens to each, and where that leads. No clock, no channel: whoever conducts a
// migration tells the steps.
package states

import "qmpmigrate/qapi"

// edge is one row's left side in a table of transitions: the status that a side
// of a migration is in, and what happens to it.
type edge[Step comparable] struct {
	from qapi.MigrationStatus
	on   Step
}

// Table is the whole state machine of one side. What is not in it cannot
// happen, and does not change the status.
type Table[Step comparable] map[edge[Step]]qapi.MigrationStatus

// Next gives the status that step on leads to; ok is false where it leads nowhere.
func (s Table[Step]) Next(from qapi.MigrationStatus, on Step) (to qapi.MigrationStatus, ok bool) {
	to, ok = s[edge[Step]{from, on}]
	return to, ok
}

// Running says whether a source in this status has a migration under way.
func Running(s qapi.MigrationStatus) bool {
	switch s {
	case qapi.MigrationStatusSetup, qapi.MigrationStatusWaitUnplug, qapi.MigrationStatusActive,
		qapi.MigrationStatusPreSwitchover, qapi.MigrationStatusDevice, qapi.MigrationStatusCancelling,
		qapi.MigrationStatusCOLO:
		return true
	}
	return InPostcopy(s)
}

// InPostcopy says whether the VM runs at its destination already, so that
// cancelling would lose it.
func InPostcopy(s qapi.MigrationStatus) bool {
	switch s {
	case qapi.MigrationStatusPostcopyActive, qapi.MigrationStatusPostcopyPaused,
		qapi.MigrationStatusPostcopyRecoverSetup, qapi.MigrationStatusPostcopyRecover:
		return true
	}
	return false
}
