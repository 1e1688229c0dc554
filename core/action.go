package core

import (
	"context"

	"qmpmigrate/qapi"
)

// Actions say what is to be done when something happens to the guest. An empty
// one is QEMU's default.
type Actions struct {
	Reboot   qapi.RebootAction   // default reset
	Shutdown qapi.ShutdownAction // default poweroff
	Panic    qapi.PanicAction    // default shutdown
	Watchdog qapi.WatchdogAction // default reset
}

func (a Actions) complete() Actions {
	if a.Reboot == "" {
		a.Reboot = qapi.RebootActionReset
	}
	if a.Shutdown == "" {
		a.Shutdown = qapi.ShutdownActionPoweroff
	}
	if a.Panic == "" {
		a.Panic = qapi.PanicActionShutdown
	}
	if a.Watchdog == "" {
		a.Watchdog = qapi.WatchdogActionReset
	}
	return a
}

// SetAction is set-action. No guest here panics or has a watchdog; the actions
// for these are kept.
func (m *Machine) SetAction(_ context.Context, args *qapi.SetActionArgs) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if args.Reboot != nil {
		m.actions.Reboot = *args.Reboot
	}
	if args.Shutdown != nil {
		m.actions.Shutdown = *args.Shutdown
	}
	if args.Panic != nil {
		m.actions.Panic = *args.Panic
	}
	if args.Watchdog != nil {
		m.actions.Watchdog = *args.Watchdog
	}
	return nil
}
