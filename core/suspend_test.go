package core

import (
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// sleeper is a machine with the usual test guest, which suspends itself.
func sleeper(t *testing.T, conf Config, workload memtest.Workload) (*Machine, *log) {
	t.Helper()
	events := newLog()
	conf.Events = events
	m, err := NewMemtest(conf, memtest.Config{RAMSize: 2 << 20, Workload: workload, Powerdown: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := m.Launch(); err != nil {
		t.Fatal(err)
	}
	return m, events
}

func TestGuestSuspends(t *testing.T) {
	m, events := sleeper(t, Config{}, &memtest.Sweep{Suspend: true})
	events.wait(t, "SUSPEND")
	ctx := t.Context()
	// The button is pressed while it sleeps: it obeys once it is awake.
	if err := errorsOf(m.SystemPowerdown(ctx), m.Stop(ctx), m.Cont(ctx)); err != nil || m.RunState() != qapi.RunStateSuspended {
		t.Fatal(m.RunState(), err)
	}
	if err := m.SystemWakeup(ctx); err != nil || m.RunState() != qapi.RunStateRunning {
		t.Fatal(m.RunState(), err)
	}
	want := "SUSPEND POWERDOWN STOP RESUME WAKEUP RESET(true guest-reset)"
	if got := events.take(); got != want {
		t.Errorf("events %s\n  want %s", got, want)
	}
}

// A guest that obeys its power button shuts the machine down.
func TestGuestShutsDown(t *testing.T) {
	ended := make(chan struct{}, 1)
	m, events := sleeper(t, Config{Exit: func() { ended <- struct{}{} }}, &memtest.Idle{})
	if err := m.SystemPowerdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	comes(t, ended)
	if got := events.take(); got != "POWERDOWN SHUTDOWN(true guest-shutdown)" {
		t.Error(got)
	}
	pause := Actions{Shutdown: qapi.ShutdownActionPause}
	m, events = sleeper(t, Config{Actions: pause, Paused: true}, &memtest.Idle{})
	if err := errorsOf(m.SystemPowerdown(t.Context()), m.Cont(t.Context())); err != nil {
		t.Fatal(err)
	}
	events.wait(t, "STOP")
	if got := events.take(); got != "POWERDOWN RESUME SHUTDOWN(true guest-shutdown) STOP" || m.RunState() != qapi.RunStateShutdown {
		t.Error(got, m.RunState())
	}
}

// A suspended guest arrives suspended, and wakes up there.
func TestSuspendedPair(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		src, left := sleeper(t, Config{}, &memtest.Sweep{Suspend: true})
		left.wait(t, "SUSPEND")
		ctx := t.Context()
		if stopped {
			if err := src.Stop(ctx); err != nil {
				t.Fatal(err)
			}
		}
		left.take()
		dst, arrived := sleeper(t, Config{Incoming: true}, memtest.NewSweep())
		uri := "unix:" + filepath.Join(t.TempDir(), "mig")
		err := errorsOf(dst.MigrateIncoming(ctx, &qapi.MigrateIncomingArgs{URI: &uri}),
			src.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}), src.Migration().Wait(ctx), dst.Migration().Wait(ctx))
		if err != nil {
			t.Fatal(err)
		}
		if stopped {
			if dst.RunState() != qapi.RunStatePaused {
				t.Error("a stopped guest arrived", dst.RunState())
			}
			if err := dst.Cont(ctx); err != nil {
				t.Error(err)
			}
		} else if got := left.take(); !strings.Contains(got, "STOP") {
			t.Errorf("the source said %s", got)
		}
		if dst.RunState() != qapi.RunStateSuspended || src.RunState() != qapi.RunStatePostmigrate {
			t.Fatal(dst.RunState(), src.RunState())
		}
		if err := dst.SystemWakeup(ctx); err != nil {
			t.Fatal(err)
		}
		want := "RESUME WAKEUP RESET(true guest-reset)"
		if got := arrived.take(); !strings.HasSuffix(got, want) || strings.Contains(got, "SUSPEND") {
			t.Errorf("the destination said %s", got)
		}
	}
}
