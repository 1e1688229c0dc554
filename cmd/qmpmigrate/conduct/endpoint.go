package conduct

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/digitalocean/go-qemu/qmp"

	"qmpmigrate/cmd/qmpmigrate/monitor"
)

const (
	// dialTime is what a server gets to accept a connection and to greet. Where
	// another client holds the monitor it does neither.
	dialTime = 10 * time.Second
	// eventBacklog is how many events wait for a reader; more are dropped.
	eventBacklog = 256
)

// Endpoint is one side of a migration: a QMP monitor, connected and negotiated.
// Its methods may be called from any goroutine.
type Endpoint struct {
	name    string
	version string // empty where nobody knows
	monitor qmp.Monitor
	events  chan Event
	gone    chan struct{} // closed when the connection has ended
	close   func() error
}

// Event is a QMP event of one endpoint.
type Event struct {
	Endpoint string // the name of the endpoint
	Name     string
	Data     map[string]any // nil when the event has none
	Time     time.Time      // when it happened, by the endpoint's clock
}

// Dial connects to the QMP server at address, see monitor.ParseAddress, and
// negotiates. name is what messages call it: "source", "web-3".
func Dial(ctx context.Context, name, address string) (*Endpoint, error) {
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	m, err := monitor.Dial(dialing, address)
	if err != nil {
		if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
			<-ctx.Done() // the connection may have noticed first
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	e, err := New(ctx, name, m)
	if err != nil {
		return nil, err
	}
	e.version = m.Version.String()
	return e, nil
}

// New makes an endpoint of a monitor that is not connected yet, and connects
// it. A command that it refuses must be a *monitor.Error. From now on the
// monitor is the endpoint's, also when New fails.
func New(ctx context.Context, name string, monitor qmp.Monitor) (*Endpoint, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, dialTime, fmt.Errorf("no QMP greeting within %v; is another client connected?", dialTime))
	defer cancel()
	connected := make(chan error, 1)
	go func() { connected <- monitor.Connect() }()
	select {
	case err := <-connected:
		if err != nil {
			_ = monitor.Disconnect()
			return nil, fmt.Errorf("%s: no QMP server: %w", name, err)
		}
	case <-ctx.Done():
		_ = monitor.Disconnect() // this ends Connect
		if <-connected == nil {
			_ = monitor.Disconnect() // it came through at the last moment
		}
		return nil, fmt.Errorf("%s: %w", name, context.Cause(ctx))
	}
	e := &Endpoint{
		name:    name,
		monitor: monitor,
		events:  make(chan Event, eventBacklog),
		gone:    make(chan struct{}),
		close:   sync.OnceValue(monitor.Disconnect),
	}
	events, err := monitor.Events(context.WithoutCancel(ctx))
	if err != nil {
		_ = e.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go e.pump(events)
	return e, nil
}

// pump takes events as they come, whether somebody wants them or not: the
// monitor reads no reply while an event waits, and cannot be disconnected.
func (e *Endpoint) pump(events <-chan qmp.Event) {
	defer close(e.gone)
	for event := range events {
		at := time.Unix(event.Timestamp.Seconds, event.Timestamp.Microseconds*1000)
		select {
		case e.events <- Event{Endpoint: e.name, Name: event.Event, Data: event.Data, Time: at}:
		default:
		}
	}
}

// Name is what Dial was given.
func (e *Endpoint) Name() string { return e.name }

// Version is what the server says of itself in its greeting, "10.0.0"; empty
// where that is not known.
func (e *Endpoint) Version() string { return e.version }

// Gone is closed when the connection has ended, from either side.
func (e *Endpoint) Gone() <-chan struct{} { return e.gone }

// Close ends the connection; what the process does goes on. A command that
// waits for its reply fails with ErrGone.
func (e *Endpoint) Close() error {
	err := e.close()
	<-e.gone
	return err
}

// forget drops the events that have come so far.
func (e *Endpoint) forget() {
	for {
		select {
		case <-e.events:
		default:
			return
		}
	}
}
