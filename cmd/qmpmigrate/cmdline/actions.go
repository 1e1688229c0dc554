package cmdline

import "slices"

// Actions say what the machine does when the guest reboots, shuts down or fails.
type Actions struct {
	Reboot   string // reset or shutdown
	Shutdown string // poweroff or pause
	Panic    string // pause, shutdown, exit-failure or none
	Watchdog string // reset, shutdown, poweroff, pause, debug, none or inject-nmi
}

// NoShutdown tells whether the process stays when the guest shuts down.
func (a Actions) NoShutdown() bool { return a.Shutdown == "pause" }

// noReboot and noShutdown are the old short forms.

func noReboot(r *run, _ string) error {
	r.cfg.Actions.Reboot = "shutdown"
	return nil
}

func noShutdown(r *run, _ string) error {
	r.cfg.Actions.Shutdown = "pause"
	return nil
}

// actionOption is -action.
func actionOption(r *run, value string) error {
	o, err := r.group("action").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	a := &r.cfg.Actions
	for _, f := range []struct {
		name   string
		field  *string
		values []string
	}{
		{"reboot", &a.Reboot, []string{"reset", "shutdown"}},
		{"shutdown", &a.Shutdown, []string{"poweroff", "pause"}},
		{"panic", &a.Panic, []string{"pause", "shutdown", "exit-failure", "none"}},
		{"watchdog", &a.Watchdog, watchdogActions()},
	} {
		action, ok := o.lookup(f.name)
		if !ok {
			continue
		}
		if !slices.Contains(f.values, action) {
			return notAccepted(f.name, action)
		}
		*f.field = action
	}
	return nil
}

// watchdogOption is -watchdog-action, the older form of -action watchdog=.
func watchdogOption(r *run, value string) error {
	if !slices.Contains(watchdogActions(), value) {
		return notAccepted("watchdog", value)
	}
	r.cfg.Actions.Watchdog = value
	return nil
}

func watchdogActions() []string {
	return []string{"reset", "shutdown", "poweroff", "pause", "debug", "none", "inject-nmi"}
}
