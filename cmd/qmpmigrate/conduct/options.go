package conduct

import (
	"errors"
	"maps"
	"time"
)

const (
	defaultInterval = 100 * time.Millisecond
	defaultStall    = time.Minute
	defaultURI      = "tcp:127.0.0.1:0"
)

// Options says what Migrate does. Only Source and Destination are needed.
type Options struct {
	// Source has the VM, Destination was started with -incoming: best with
	// "defer", because capabilities can not be changed once it listens. Both
	// stay open when Migrate returns.
	Source, Destination *Endpoint

	// URI is where the destination shall listen: "tcp:HOST:0" (any free port),
	// "tcp:HOST:PORT", "unix:PATH", ... Empty means where it listens already, or,
	// where it does not yet, any free port of the loopback.
	URI string
	// SourceURI is what the source shall connect to. Empty means URI, with the
	// port at which the destination really listens. It is needed where the
	// sides have different names for the way: another host's, exec:, file:.
	SourceURI string

	// Capabilities are switched on both sides. Unless it is in here, "events"
	// is switched on where possible, so that changes are seen at once.
	Capabilities map[string]bool
	// SourceCapabilities and DestinationCapabilities are switched on one side.
	SourceCapabilities      map[string]bool
	DestinationCapabilities map[string]bool
	// Parameters are set on both sides, the other two on one side, where they
	// win. Sizes are in bytes, times in milliseconds, as in QMP.
	Parameters            map[string]any
	SourceParameters      map[string]any
	DestinationParameters map[string]any

	// Postcopy lets the guest go on at the destination before all of its memory
	// is there; nil never does. It needs the capability postcopy-ram.
	Postcopy *Postcopy

	// Interval is the time between two looks at both sides; 0 is 100 ms.
	Interval time.Duration
	// Stall is how long neither side may change anything, neither its status nor
	// a counter, before the migration is cancelled; 0 is a minute.
	Stall time.Duration
	// KeepDestination leaves a destination that could not load the VM running,
	// so that it can be looked at. By default it is told to quit, as it would
	// have done by itself if Migrate had not wanted to hear its reason.
	KeepDestination bool
	// Abandon is for a caller that does not even want to wait for the end of a
	// migration that it cancelled: when it is closed Migrate returns, with
	// ErrAbandoned, and leaves both sides as they are. nil is never.
	Abandon <-chan struct{}

	// OnStart is called when the source has been told to migrate to uri.
	OnStart func(uri string)
	// OnProgress is called after every look, the last one included; OnEvent for
	// every event of either side. Both are called by Migrate's goroutine, which
	// waits for them: they should return soon. nil is nobody.
	OnProgress func(Progress)
	OnEvent    func(Event)
}

// complete checks o and fills in what was left out.
func (o *Options) complete() error {
	if o.Source == nil || o.Destination == nil {
		return errors.New("a migration needs a source and a destination")
	}
	if o.Source == o.Destination {
		return errors.New("source and destination are the same")
	}
	if o.Interval <= 0 {
		o.Interval = defaultInterval
	}
	if o.Stall <= 0 {
		o.Stall = defaultStall
	}
	if o.OnStart == nil {
		o.OnStart = func(string) {}
	}
	if o.OnProgress == nil {
		o.OnProgress = func(Progress) {}
	}
	if o.OnEvent == nil {
		o.OnEvent = func(Event) {}
	}
	return nil
}

// Postcopy says when a migration is switched to postcopy: at the end of a pass
// over memory, or after a time.
type Postcopy struct {
	Pass  int64         // this many passes have begun; 0 is not asked for
	After time.Duration // since memory began to move
}

// merged gives the entries of both, those of the second where both have one.
func merged[V any](both, one map[string]V) map[string]V {
	m := maps.Clone(both)
	if m == nil {
		return one
	}
	maps.Copy(m, one)
	return m
}
