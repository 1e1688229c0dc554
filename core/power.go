package core

import (
	"context"
	"time"

	"qmpmigrate/qapi"
)

// resettable is what a guest can do that knows a reset.
type resettable interface {
	// Reset takes a stopped guest back to power-on.
	Reset()
}

// powered is what a guest can do that has a power button.
type powered interface{ Powerdown() }

// SystemReset is system_reset.
func (m *Machine) SystemReset(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reset(qapi.ShutdownCauseHostQMPSystemReset)
}

// SystemPowerdown is system_powerdown: what the guest makes of it is its own affair.
func (m *Machine) SystemPowerdown(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Emit(&qapi.PowerdownEvent{})
	if g, ok := m.hardware.(powered); ok && m.state != qapi.RunStateInmigrate && m.state != qapi.RunStateFinishMigrate {
		g.Powerdown()
	}
	return nil
}

// SystemWakeup is system_wakeup.
func (m *Machine) SystemWakeup(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.wakes:
		return qapi.Errorf("wake-up from suspend is not supported by this guest")
	case m.state != qapi.RunStateSuspended:
		return qapi.Errorf("Unable to wake up: guest is not in suspended state")
	}
	return m.wake()
}

// wake wakes the guest up. Callers hold mu.
func (m *Machine) wake() error {
	if err := m.become(qapi.RunStateRunning); err != nil {
		return err
	}
	m.Emit(&qapi.WakeupEvent{})
	// The usual test guest leaves nothing for its firmware to return to, which
	// therefore starts it anew.
	return m.reset(qapi.ShutdownCauseGuestReset)
}

// reset resets the VM, or shuts it down where that is the action for it. Callers hold mu.
func (m *Machine) reset(cause qapi.ShutdownCause) error {
	if m.closed {
		return nil
	}
	if m.actions.Reboot == qapi.RebootActionShutdown {
		return m.shutdown(cause)
	}
	switch m.state {
	case qapi.RunStateInmigrate:
		// What is to come replaces everything that a reset could do.
	case qapi.RunStateFinishMigrate, qapi.RunStateCOLO:
		// The guest is being read. If it stays here, see SwitchoverUndone
		// and goOn.
		m.resetLater = true
	default:
		m.guest.Stop()
		m.resetGuest()
	}
	m.Emit(&qapi.ResetEvent{Guest: byGuest(cause), Reason: cause})
	switch m.state {
	case qapi.RunStateRunning:
		return m.guest.Start()
	case qapi.RunStateInmigrate, qapi.RunStateFinishMigrate, qapi.RunStateCOLO:
		return nil
	}
	return m.become(qapi.RunStatePrelaunch)
}

func (m *Machine) resetGuest() {
	m.slept, m.resetLater = false, false
	if g, ok := m.hardware.(resettable); ok {
		g.Reset()
	}
}

// shutdown ends the VM: the process with it, or only its vCPUs. Callers hold mu.
func (m *Machine) shutdown(cause qapi.ShutdownCause) error {
	m.Emit(&qapi.ShutdownEvent{Guest: byGuest(cause), Reason: cause})
	if m.actions.Shutdown == qapi.ShutdownActionPause {
		return m.halt(qapi.RunStateShutdown)
	}
	if live(m.state) {
		m.guest.Stop()
		m.state = qapi.RunStateShutdown
		m.clock.turn(m.state, time.Now())
	}
	m.conf.Exit()
	return nil
}

// Shutdown announces the end of the VM; the process ends after it.
func (m *Machine) Shutdown(cause qapi.ShutdownCause) {
	m.Emit(&qapi.ShutdownEvent{Guest: false, Reason: cause})
}

// byGuest says whether the guest itself is the cause.
func byGuest(cause qapi.ShutdownCause) bool {
	switch cause {
	case qapi.ShutdownCauseGuestShutdown, qapi.ShutdownCauseGuestReset, qapi.ShutdownCauseGuestPanic:
		return true
	}
	return false
}

// guestSuspends suspends a VM whose guest asked for it.
func (m *Machine) guestSuspends() {
	m.mu.Lock()
	defer m.mu.Unlock()
	// One that was stopped meanwhile asks again when it goes on.
	if m.state != qapi.RunStateRunning {
		return
	}
	m.guest.Stop()
	m.state = qapi.RunStateSuspended
	m.Emit(&qapi.SuspendEvent{})
}

// guestShutsDown shuts a VM down whose guest asked for it.
func (m *Machine) guestShutsDown() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == qapi.RunStateRunning {
		// A running VM may always be shut down.
		_ = m.shutdown(qapi.ShutdownCauseGuestShutdown)
	}
}

// guestDied stops a VM whose vCPUs are gone, as after an error of a host that
// cannot run them any more: only its memory is left to look at.
func (m *Machine) guestDied(err error) {
	m.conf.Report(err.Error())
	m.mu.Lock()
	defer m.mu.Unlock()
	// One that is stopped already stays as it is until somebody starts it.
	_ = m.halt(qapi.RunStateInternalError)
}
