package core

import (
	"context"
	"fmt"
	"testing"

	"qmpmigrate/core/announce"
	"qmpmigrate/qapi"
)

// Every command in every state, as QEMU 10.0 answers.
func TestCommandsInEveryState(t *testing.T) {
	const (
		reset    = "RESET(false host-qmp-system-reset)"
		mustSet  = "Resetting the Virtual Machine is required"
		notSlept = "Unable to wake up: guest is not in suspended state"
	)
	type result struct {
		state  qapi.RunState // empty: as it was
		events string
		err    string
	}
	commands := map[string]func(m *Machine) error{
		"stop":             func(m *Machine) error { return m.Stop(context.Background()) },
		"cont":             func(m *Machine) error { return m.Cont(context.Background()) },
		"system_reset":     func(m *Machine) error { return m.SystemReset(context.Background()) },
		"system_wakeup":    func(m *Machine) error { return m.SystemWakeup(context.Background()) },
		"system_powerdown": func(m *Machine) error { return m.SystemPowerdown(context.Background()) },
	}
	usual := map[string]result{
		"stop":             {},
		"cont":             {"running", "RESUME", ""},
		"system_reset":     {"prelaunch", reset, ""},
		"system_wakeup":    {"", "", notSlept},
		"system_powerdown": {"", "POWERDOWN", ""},
	}
	special := map[string]map[qapi.RunState]result{
		"stop": {"running": {"paused", "STOP", ""}, "suspended": {"paused", "STOP", ""}},
		"cont": {
			"running": {}, "suspended": {}, "inmigrate": {},
			"shutdown": {"", "", mustSet}, "internal-error": {"", "", mustSet},
			"finish-migrate": {"", "", "Migration is not finalized yet"}, "colo": {"", "", "Migration is not finalized yet"},
		},
		"system_reset": {
			"running": {"", reset, ""}, "inmigrate": {"", reset, ""}, "finish-migrate": {"", reset, ""}, "colo": {"", reset, ""},
			"save-vm": {"", reset, "invalid runstate transition: 'save-vm' -> 'prelaunch'"},
		},
		"system_wakeup": {"suspended": {"running", "WAKEUP RESET(true guest-reset)", ""}},
	}
	for _, s := range qapi.RunStateValues() {
		for name, run := range commands {
			m, guest, events := newPuppet(t, Config{})
			m.state, guest.running = s, s == qapi.RunStateRunning
			want, ok := special[name][s]
			if !ok {
				want = usual[name]
			}
			if want.state == "" {
				want.state = s
			}
			err := run(m)
			if text := fmt.Sprint(err); (err != nil || want.err != "") && text != want.err {
				t.Errorf("%s in %s: %v, want %s", name, s, err, want.err)
			}
			if got := events.take(); got != want.events || m.state != want.state {
				t.Errorf("%s in %s: now %s after %q; want %s after %q", name, s, m.state, got, want.state, want.events)
			}
			if runs := m.state == qapi.RunStateRunning; guest.running != runs {
				t.Errorf("%s in %s: now %s, and vCPUs run: %v", name, s, m.state, guest.running)
			}
		}
	}
}

// A stopped VM that slept sleeps on when it may go on, until it is reset.
func TestStoppedSleeper(t *testing.T) {
	m, guest, events := newPuppet(t, Config{})
	ctx := t.Context()
	m.state = qapi.RunStateSuspended
	for range 2 {
		if err := m.Stop(ctx); err != nil || m.state != qapi.RunStatePaused {
			t.Fatal(m.state, err)
		}
		if err := m.SystemWakeup(ctx); err == nil {
			t.Error("a stopped guest woke up")
		}
		if err := m.Cont(ctx); err != nil || m.state != qapi.RunStateSuspended || guest.running {
			t.Fatal(m.state, guest.running, err)
		}
	}
	if err := m.SystemWakeup(ctx); err != nil || m.state != qapi.RunStateRunning || guest.resets != 1 {
		t.Fatal(m.state, guest.resets, err)
	}
	if got, want := events.take(), "STOP RESUME STOP RESUME WAKEUP RESET(true guest-reset)"; got != want {
		t.Errorf("events %s, want %s", got, want)
	}
	m.state, m.slept = qapi.RunStatePaused, true
	if err := m.SystemReset(ctx); err != nil || m.state != qapi.RunStatePrelaunch {
		t.Fatal(m.state, err)
	}
	if err := m.Cont(ctx); err != nil || m.state != qapi.RunStateRunning {
		t.Error("a reset guest still sleeps:", m.state, err)
	}
}

// What -no-reboot, -no-shutdown and set-action make of a reset.
func TestActions(t *testing.T) {
	const gone = "SHUTDOWN(false host-qmp-system-reset)"
	ctx, ended := t.Context(), 0
	exit := func() { ended++ }
	m, guest, events := newPuppet(t, Config{Exit: exit, Actions: Actions{Reboot: qapi.RebootActionShutdown}})
	if err := errorsOf(m.Launch(), m.SystemReset(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := events.take(); got != gone || ended != 1 || guest.running {
		t.Errorf("-no-reboot: %s, ended %d times, running %v", got, ended, guest.running)
	}

	m, guest, events = newPuppet(t, Config{Exit: exit})
	pause, off, again := qapi.ShutdownActionPause, qapi.RebootActionShutdown, qapi.RebootActionReset
	if err := errorsOf(m.Launch(), m.SetAction(ctx, &qapi.SetActionArgs{Reboot: &off, Shutdown: &pause}),
		m.SystemReset(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := events.take(); got != gone+" STOP" || m.state != qapi.RunStateShutdown || ended != 1 || guest.resets != 0 {
		t.Errorf("paused: %s, %s, ended %d times, %d resets", got, m.state, ended, guest.resets)
	}
	if err := m.SystemReset(ctx); err != nil || events.take() != gone || m.state != qapi.RunStateShutdown {
		t.Error("a second time:", m.state, err)
	}
	if err := errorsOf(m.SetAction(ctx, &qapi.SetActionArgs{Reboot: &again}), m.SystemReset(ctx), m.Cont(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := events.take(); got != "RESET(false host-qmp-system-reset) RESUME" || guest.resets != 1 {
		t.Errorf("after all: %s, %d resets", got, guest.resets)
	}
}

func errorsOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// A reset while the guest is being sent is done if it stays.
func TestResetDuringSwitchover(t *testing.T) {
	for before, want := range map[qapi.RunState]qapi.RunState{
		"running": "running", "paused": "prelaunch", "suspended": "prelaunch", "prelaunch": "prelaunch",
	} {
		m, guest, _ := newPuppet(t, Config{})
		m.state, guest.running = before, before == "running"
		m.StopForSwitchover()
		if err := m.SystemReset(t.Context()); err != nil || guest.resets != 0 || m.state != qapi.RunStateFinishMigrate {
			t.Fatal(m.state, guest.resets, err)
		}
		m.SwitchoverUndone(func() {})
		if guest.resets != 1 || m.state != want || guest.running != (want == "running") {
			t.Errorf("%s: now %s, %d resets, running %v", before, m.state, guest.resets, guest.running)
		}
	}
}

// What a source stores makes the destination what the source was; -S keeps it stopped.
func TestRunStateTravels(t *testing.T) {
	for _, c := range []struct {
		before qapi.RunState
		slept  bool
		paused bool
		want   qapi.RunState
		cont   qapi.RunState // after cont
	}{
		{"running", false, false, "running", "running"},
		{"running", false, true, "paused", "running"},
		{"suspended", false, false, "suspended", "suspended"},
		{"suspended", false, true, "paused", "suspended"},
		{"paused", false, false, "paused", "running"},
		{"paused", true, false, "paused", "suspended"},
		{"prelaunch", false, false, "prelaunch", "running"},
		{"shutdown", false, false, "shutdown", "shutdown"},
		{"io-error", false, false, "io-error", "running"},
	} {
		src, _, _ := newPuppet(t, Config{})
		src.state, src.slept = c.before, c.slept
		src.StopForSwitchover()
		dst, guest, _ := newPuppet(t, Config{Incoming: true, Paused: c.paused})
		dst.global = src.global
		if err := dst.IncomingLoaded(announce.Params{}); err != nil || dst.state != c.want || guest.running != (c.want == "running") {
			t.Errorf("%+v: now %s, running %v: %v", c, dst.state, guest.running, err)
		}
		_ = dst.Cont(t.Context())
		if dst.state != c.cont {
			t.Errorf("%+v: %s after cont", c, dst.state)
		}
		src.SwitchoverUndone(func() {})
		if src.state != c.before || src.slept != c.slept {
			t.Errorf("%+v: undone to %s, slept %v", c, src.state, src.slept)
		}
	}
	dst, _, _ := newPuppet(t, Config{Incoming: true})
	dst.global.store(qapi.RunStateDebug, false)
	if err := dst.IncomingLoaded(announce.Params{}); err == nil || err.Error() != "invalid runstate transition: 'inmigrate' -> 'debug'" {
		t.Error(err)
	}
}
