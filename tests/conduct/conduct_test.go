// Package conduct tests how migrations are conducted where real QEMU is on one
// side or on both.
package conduct

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/cmd/qmpmigrate/conduct"
	"qmpmigrate/tests/emulator"
)

const machine = "pc-i440fx-10.0"

// fast lets a guest that never stops writing move at once; slow never does.
var (
	fast = map[string]any{"max-bandwidth": int64(10e9), "downtime-limit": 5000}
	slow = map[string]any{"max-bandwidth": 32 << 20, "downtime-limit": 1}
)

// side is an emulator with a second QMP server, whose only client is the
// conductor's.
type side struct {
	*emulator.Emulator
	endpoint *conduct.Endpoint
}

// launch starts a guest in a real QEMU.
func launch(t *testing.T, name string, extra ...string) side {
	t.Helper()
	return launchOn(t, machine, name, extra...)
}

func launchOn(t *testing.T, machine, name string, extra ...string) side {
	t.Helper()
	args, err := emulator.GuestArgs(t.TempDir(), machine)
	emulator.Must(t, err)
	return start(t, emulator.NeedQEMU(t, "10.0"), name, append(args, extra...)...)
}

func start(t *testing.T, p emulator.Program, name string, args ...string) side {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "qmp")
	s := side{Emulator: emulator.Launch(t, p, name, append(args, "-qmp", "unix:"+socket+",server=on,wait=off")...)}
	var err error
	s.endpoint, err = conduct.Dial(t.Context(), name, socket)
	emulator.Must(t, err)
	t.Cleanup(func() { s.endpoint.Close() })
	return s
}

// arrived checks that the guest's memory is what it was, and that it runs.
func arrived(t *testing.T, from, to side) {
	t.Helper()
	emulator.Must(t, emulator.SameMemory(t.Context(), from.Emulator, to.Emulator, emulator.GuestMemory))
	emulator.Must(t, to.Execute(t.Context(), "cont", nil, nil))
	emulator.Must(t, to.WaitSerial(t.Context(), "B", 2))
	if text := to.Serial(); strings.Trim(text, "B") != "" {
		t.Errorf("guest printed %q after it was moved", text)
	}
}

// One QEMU to another, in the ways in which a destination can listen.
func TestQEMUToQEMU(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	emulator.Must(t, unix.Mkfifo(fifo, 0o600))
	for name, tc := range map[string]struct {
		incoming string
		options  conduct.Options
	}{
		"deferred":        {"defer", conduct.Options{Parameters: fast, Capabilities: map[string]bool{"return-path": true}}},
		"unix":            {"defer", conduct.Options{Parameters: fast, URI: "unix:" + filepath.Join(t.TempDir(), "m")}},
		"exec":            {"defer", conduct.Options{Parameters: fast, URI: "exec:cat " + fifo, SourceURI: "exec:cat >" + fifo}},
		"listens already": {"tcp:127.0.0.1:0", conduct.Options{SourceParameters: fast}},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := launch(t, "source"), launch(t, "destination", "-S", "-incoming", tc.incoming)
			emulator.Must(t, from.WaitBooted(t.Context()))
			o, events := tc.options, map[string]bool{}
			o.Source, o.Destination = from.endpoint, to.endpoint
			o.OnEvent = func(e conduct.Event) { events[e.Endpoint+" "+e.Name] = true }
			result, err := conduct.Migrate(t.Context(), o)
			emulator.Must(t, err)
			if result.RunState != "paused" || result.Total < emulator.GuestMemory || result.Passes < 2 || result.TotalTime == 0 {
				t.Errorf("result is %+v", result)
			}
			if !events["source STOP"] || !events["source MIGRATION_PASS"] {
				t.Errorf("events are %v", events)
			}
			arrived(t, from, to)
		})
	}
}

// A destination at which nothing arrives: both sides say how they see it, and
// the wait has an end.
func TestNothingArrives(t *testing.T) {
	from, to := launch(t, "source"), launch(t, "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	_, err := conduct.Migrate(t.Context(), conduct.Options{
		Source: from.endpoint, Destination: to.endpoint, Parameters: fast, Stall: time.Second,
		URI: "exec:true", SourceURI: "exec:cat >/dev/null"})
	if err == nil || !strings.Contains(err.Error(), "source: completed; destination: setup; the guest is stopped on source") {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
}

// The main road: QEMU, parked here, QEMU.
func TestThroughAdopt(t *testing.T) {
	from := launch(t, "source")
	park := start(t, emulator.NeedServer(t), "park", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
	to := launch(t, "destination", "-S", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	for _, way := range [][2]side{{from, park}, {park, to}} {
		_, err := conduct.Migrate(t.Context(), conduct.Options{
			Source: way[0].endpoint, Destination: way[1].endpoint, Parameters: fast})
		emulator.Must(t, err)
	}
	arrived(t, from, to)
}

// A destination that is another machine: what it tells through QMP is in the
// error, the guest runs on, and the destination is told to go.
func TestDestinationRefuses(t *testing.T) {
	from := launch(t, "source")
	to := launchOn(t, "pc-i440fx-7.2", "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	_, err := conduct.Migrate(t.Context(), conduct.Options{
		Source: from.endpoint, Destination: to.endpoint, Parameters: slow})
	var failure *conduct.Failure
	if !errors.As(err, &failure) || !strings.HasSuffix(err.Error(), "; destination: load of migration failed: Invalid argument") ||
		failure.Source.Status != conduct.StatusFailed {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
	runsOn(t, from)
	// The whole reason is only where nobody but its parent can read it.
	exit, err := to.Wait(t.Context())
	if err != nil || exit.Status != 0 || !strings.Contains(exit.Output, "Machine type received is '"+machine+"'") {
		t.Errorf("destination: %+v, %v", exit, err)
	}
}

func TestDestinationDies(t *testing.T) {
	from, to := launch(t, "source"), launch(t, "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	_, err := conduct.Migrate(t.Context(), conduct.Options{
		Source: from.endpoint, Destination: to.endpoint, Parameters: slow, OnProgress: onceMoving(to.Kill)})
	var failure *conduct.Failure
	if !errors.As(err, &failure) || failure.Source.Status != conduct.StatusFailed || failure.Source.Desc == "" ||
		!errors.Is(failure.Destination.Err, conduct.ErrGone) {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
	runsOn(t, from)
}

// The end of the context cancels; the guest runs on and can go elsewhere.
func TestContextEnds(t *testing.T) {
	from, to := launch(t, "source"), launch(t, "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := conduct.Migrate(ctx, conduct.Options{
		Source: from.endpoint, Destination: to.endpoint, Parameters: slow,
		OnProgress: onceMoving(func() { cancel(interrupted) })})
	if !errors.Is(err, interrupted) || err.Error() != "the migration was cancelled: interrupted" {
		t.Errorf("error is %v", err)
	}
	runsOn(t, from)
	next := launch(t, "next", "-S", "-incoming", "defer")
	_, err = conduct.Migrate(t.Context(), conduct.Options{
		Source: from.endpoint, Destination: next.endpoint, Parameters: fast})
	emulator.Must(t, err)
	arrived(t, from, next)
}

// Somebody else cancels.
func TestSourceIsCancelled(t *testing.T) {
	from, to := launch(t, "source"), launch(t, "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	_, err := conduct.Migrate(t.Context(), conduct.Options{
		Source: from.endpoint, Destination: to.endpoint, Parameters: slow, KeepDestination: true,
		OnProgress: onceMoving(func() { emulator.Must(t, from.Execute(t.Context(), "migrate_cancel", nil, nil)) })})
	var failure *conduct.Failure
	if !errors.As(err, &failure) || failure.Source.Status != conduct.StatusCancelled || failure.Cause != nil {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
	runsOn(t, from)
	if state, err := to.RunState(t.Context()); err != nil || state != "inmigrate" {
		t.Errorf("destination is %s, %v", state, err)
	}
}

// onceMoving calls f when memory has begun to move.
func onceMoving(f func()) func(conduct.Progress) {
	called := false
	return func(p conduct.Progress) {
		if p.Status == "active" && p.Transferred > 1<<20 && !called {
			called = true
			f()
		}
	}
}

func runsOn(t *testing.T, s side) {
	t.Helper()
	state, err := s.RunState(t.Context())
	emulator.Must(t, err)
	if state != "running" {
		t.Errorf("%s is %s", s.Name, state)
	}
	emulator.Must(t, s.WaitSerial(t.Context(), "B", 1))
}
