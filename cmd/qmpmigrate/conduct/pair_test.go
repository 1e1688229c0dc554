package conduct

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/channels/chardev"
	"qmpmigrate/core"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
)

// server is a real machine behind a real QMP socket, in this process.
type server struct {
	*core.Machine
	qmp    *qmp.Server
	path   string
	failed chan error // how an incoming migration that ends the process failed
}

func newServer(t *testing.T, mib uint64, incoming bool) *server {
	t.Helper()
	s := &server{path: filepath.Join(t.TempDir(), "qmp"), failed: make(chan error, 1)}
	s.qmp = qmp.NewServer(qmp.Config{Quit: func(context.Context) error { return nil }})
	workload := memtest.NewStress()
	workload.Rate = 20 << 20
	var err error
	s.Machine, err = core.NewMemtest(core.Config{Incoming: incoming, Events: s.qmp,
		Failed: func(err error) { s.failed <- err }},
		memtest.Config{RAMSize: mib << 20, Workload: workload})
	must(t, err)
	s.qmp.Register(qapi.MigrationCommandTable(s.Machine)...)
	s.qmp.Register(qapi.RunStateCommandTable(s.Machine)...)
	s.qmp.Register(qapi.MemtestCommandTable(s.Machine)...)
	device, err := chardev.Open(t.Context(), chardev.Config{Label: "qmp", Backend: chardev.Socket, Server: true,
		Address: channels.Address{Transport: channels.TransportSocket, Type: channels.SocketUnix,
			Unix: channels.UnixAddress{Path: s.path}}}, chardev.Env{})
	must(t, err)
	monitor := s.qmp.NewMonitor(qmp.MonitorConfig{})
	must(t, device.Attach(chardev.Frontend{Serve: func(ctx context.Context, conn io.ReadWriteCloser) {
		_ = monitor.ServeConn(ctx, conn)
	}}))
	device.Start()
	t.Cleanup(func() {
		s.leave()
		device.Close()
	})
	must(t, s.Launch())
	return s
}

// leave ends the server as the end of its process would.
func (s *server) leave() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.qmp.Close(ended)
	_ = s.Close()
}

func (s *server) dial(t *testing.T, name string) *Endpoint {
	t.Helper()
	e, err := Dial(t.Context(), name, s.path)
	must(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, e *Endpoint) string {
	t.Helper()
	var s struct{ Status string }
	must(t, e.Execute(t.Context(), "query-status", nil, &s))
	return s.Status
}

// fast lets the migration complete at once, slow keeps it from completing.
var (
	fast = map[string]any{"max-bandwidth": 1 << 30, "downtime-limit": 1000}
	slow = map[string]any{"max-bandwidth": 8 << 20, "downtime-limit": 1}
)

func TestOwnPair(t *testing.T) {
	for name, uri := range map[string]string{
		"default": "",
		"tcp":     "tcp:127.0.0.1:0",
		"unix":    "unix:" + filepath.Join(t.TempDir(), "m"),
	} {
		t.Run(name, func(t *testing.T) {
			src, dst := newServer(t, 32, false), newServer(t, 32, true)
			var events []string
			source, destination := src.dial(t, "source"), dst.dial(t, "destination")
			result, err := Migrate(t.Context(), Options{
				Source: source, Destination: destination, URI: uri, Parameters: fast,
				OnEvent: func(e Event) { events = append(events, e.Endpoint+" "+e.Name) },
			})
			must(t, err)
			if result.RunState != "running" || result.Total != 32<<20 || result.Transferred < result.Total ||
				result.Passes < 2 || result.NormalPages < 8192 || result.TotalTime == 0 {
				t.Errorf("result is %+v", result)
			}
			if all := strings.Join(events, ","); !strings.Contains(all, "source STOP") || !strings.Contains(all, "destination RESUME") {
				t.Errorf("events are %v", events)
			}
			if got := status(t, source); got != "postmigrate" {
				t.Errorf("source is %s", got)
			}
			var memory struct {
				Pages  int64
				Faulty int64 `json:"faulty-pages"`
			}
			must(t, destination.Execute(t.Context(), "x-verify-memory", nil, &memory))
			if memory.Pages != 8192 || memory.Faulty != 0 {
				t.Errorf("memory: %+v", memory)
			}
		})
	}
}

// A destination that is made differently says so, and the guest stays.
func TestOwnDestinationRefuses(t *testing.T) {
	src, dst := newServer(t, 32, false), newServer(t, 16, true)
	source, destination := src.dial(t, "source"), dst.dial(t, "destination")
	_, err := Migrate(t.Context(), Options{Source: source, Destination: destination, Parameters: slow})
	var failure *Failure
	if !errors.As(err, &failure) || failure.Destination.Status != StatusFailed ||
		!strings.Contains(err.Error(), "destination: load of migration failed: ") || failure.Source.Desc == "" {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
	if got := status(t, source); got != "running" {
		t.Errorf("source is %s", got)
	}
	select {
	case <-dst.qmp.Stopping():
	case <-time.After(10 * time.Second):
		t.Error("destination was not told to quit")
	}
}

// onceActive calls f when the migration has begun to move memory.
func onceActive(f func()) func(Progress) {
	called := false
	return func(p Progress) {
		if p.Status == "active" && p.Transferred > 0 && !called {
			called = true
			f()
		}
	}
}

func TestOwnDestinationDies(t *testing.T) {
	src, dst := newServer(t, 32, false), newServer(t, 32, true)
	source, destination := src.dial(t, "source"), dst.dial(t, "destination")
	_, err := Migrate(t.Context(), Options{Source: source, Destination: destination, Parameters: slow,
		OnProgress: onceActive(dst.leave)})
	var failure *Failure
	if !errors.As(err, &failure) || failure.Source.Status != StatusFailed || !errors.Is(failure.Destination.Err, ErrGone) {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
	if got := status(t, source); got != "running" {
		t.Errorf("source is %s", got)
	}
}

func TestOwnSourceIsCancelled(t *testing.T) {
	src, dst := newServer(t, 32, false), newServer(t, 32, true)
	source, destination := src.dial(t, "source"), dst.dial(t, "destination")
	_, err := Migrate(t.Context(), Options{Source: source, Destination: destination, Parameters: slow,
		OnProgress: onceActive(func() { _ = src.Migration().Cancel() }), KeepDestination: true})
	var failure *Failure
	if !errors.As(err, &failure) || failure.Source.Status != StatusCancelled || failure.Cause != nil {
		t.Errorf("error is %v", err)
	}
	t.Log(err)
	if got := status(t, destination); got != "inmigrate" {
		t.Errorf("destination is %s", got)
	}
}

// After a cancelled migration the guest runs on, and can go somewhere else.
func TestOwnContextEnds(t *testing.T) {
	src := newServer(t, 32, false)
	source := src.dial(t, "source")
	ctx, cancel := context.WithCancelCause(t.Context())
	result, err := Migrate(ctx, Options{Source: source, Destination: newServer(t, 32, true).dial(t, "first"), Parameters: slow,
		OnProgress: onceActive(func() { cancel(errInterrupted) })})
	if !errors.Is(err, errInterrupted) || result.Status != StatusCancelled {
		t.Errorf("error is %v, result %+v", err, result)
	}
	if got := status(t, source); got != "running" {
		t.Errorf("source is %s", got)
	}
	_, err = Migrate(t.Context(), Options{Source: source, Destination: newServer(t, 32, true).dial(t, "second"), Parameters: fast})
	must(t, err)
}
