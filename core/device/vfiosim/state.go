package vfiosim

import (
	"fmt"
	"time"

	"qmpmigrate/qapi"
)

// state is a migration state of VFIO.
type state uint8

const (
	stateError state = iota
	stateStop
	stateRunning
	stateStopCopy
	stateResuming
	stateRunningP2P
	statePreCopy
	statePreCopyP2P
)

var stateNames = [...]string{"ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P"}

func (s state) String() string { return stateNames[s] }

// runs says whether the device changes its state in s.
func (s state) runs() bool {
	return s == stateRunning || s == stateRunningP2P || s == statePreCopy || s == statePreCopyP2P
}

// precopies says whether there are PARTs in s.
func (s state) precopies() bool { return s == statePreCopy || s == statePreCopyP2P }

// event is what the event of s calls it.
func (s state) event() qapi.QapiVfioMigrationState {
	return map[state]qapi.QapiVfioMigrationState{
		stateStop:       qapi.QapiVfioMigrationStateStop,
		stateRunning:    qapi.QapiVfioMigrationStateRunning,
		stateStopCopy:   qapi.QapiVfioMigrationStateStopCopy,
		stateResuming:   qapi.QapiVfioMigrationStateResuming,
		stateRunningP2P: qapi.QapiVfioMigrationStateRunningP2p,
		statePreCopy:    qapi.QapiVfioMigrationStatePreCopy,
		statePreCopyP2P: qapi.QapiVfioMigrationStatePreCopyP2p,
	}[s]
}

// become changes the state. Where the driver cannot, the device goes to recover,
// or is reset where that is stateError or cannot be entered either. Callers hold mu.
func (d *Device) become(next, recover state) error {
	if next == d.state {
		return nil
	}
	if d.state != stateError && !d.refuses(next) {
		d.enter(next)
		return nil
	}
	err := fmt.Errorf("%s: Failed setting device state to %s.", d.conf.Name(), next)
	if recover == stateError {
		d.reset()
		return fmt.Errorf("%w Recover state is ERROR. Resetting device: %w", err, errIO)
	}
	err = fmt.Errorf("%w Setting device in recover state %s: %w", err, recover, errIO)
	if d.state == stateError {
		d.report(fmt.Sprintf("%s: Failed setting device in recover state, err: %s. Resetting device", d.conf.Name(), errIO))
		d.reset()
		return err
	}
	d.enter(recover)
	return err
}

// enter makes s the state, and tells it.
func (d *Device) enter(s state) {
	d.state = s
	d.turn()
	if d.conf.Events != nil && s != stateError {
		d.conf.Events.Emit(&qapi.VFIOMigrationEvent{DeviceID: d.conf.ID, QomPath: d.conf.QOMPath, DeviceState: s.event()})
	}
}

// turn lets the device rewrite its state where guest and state allow it.
func (d *Device) turn() {
	if now := time.Now(); d.running && d.state.runs() {
		d.contents.run(now)
	} else {
		d.contents.halt(now)
	}
}

// reset gives the device its first state back, and lets it run.
func (d *Device) reset() {
	d.contents.base, d.contents.since = 0, time.Time{}
	d.enter(stateRunning)
}

// refuses says whether the driver fails to enter s.
func (d *Device) refuses(s state) bool {
	switch d.conf.Fault {
	case FaultPreCopy:
		return s == statePreCopy
	case FaultStopCopy:
		return s == stateStopCopy
	case FaultResuming:
		return s == stateResuming
	}
	return false
}
