package colo

import (
	"errors"
	"sync"
)

// Status is how far a failover is. The names are QEMU's.
type Status int

const (
	None      Status = iota // nobody asked
	Require                 // somebody did
	Active                  // it is under way
	Completed               // the VM is independent
	Relaunch                // it came while a checkpoint was loaded, and begins again after that
)

func (s Status) String() string {
	switch s {
	case Require:
		return "require"
	case Active:
		return "active"
	case Completed:
		return "completed"
	case Relaunch:
		return "relaunch"
	}
	return "none"
}

// step is what happens to a failover.
type step int

const (
	stepRequest step = iota // x-colo-lost-heartbeat
	stepBegin               // whoever has the VM begins with it
	stepLoading             // but a checkpoint is being loaded
	stepLoaded              // and now is
	stepDone                // the VM is independent
	steps                   // how many there are
)

type edge struct {
	from Status
	on   step
}

// transitions is every step that leads anywhere.
func transitions() map[edge]Status {
	return map[edge]Status{
		{None, stepRequest}:    Require,
		{Require, stepBegin}:   Active,
		{Active, stepLoading}:  Relaunch,
		{Relaunch, stepLoaded}: None,
		{Active, stepDone}:     Completed,
	}
}

// Failover is the end of one lock step. Its methods may be called from any goroutine.
type Failover struct {
	table     map[edge]Status
	requested chan struct{}

	// Told, which may be nil, is told each new status.
	Told func(Status)

	mu      sync.Mutex
	status  Status
	loading bool
}

// NewFailover makes one that nobody asked for.
func NewFailover() *Failover {
	return &Failover{table: transitions(), requested: make(chan struct{})}
}

// ErrActivated is a request after the first one.
var ErrActivated = errors.New("COLO failover is already activated")

// Request asks for the failover.
func (f *Failover) Request() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.take(stepRequest) {
		return ErrActivated
	}
	close(f.requested)
	if f.loading {
		f.take(stepBegin)
		f.take(stepLoading)
	}
	return nil
}

// Requested is closed once somebody asked.
func (f *Failover) Requested() <-chan struct{} { return f.requested }

// Asked says whether somebody has.
func (f *Failover) Asked() bool {
	select {
	case <-f.requested:
		return true
	default:
		return false
	}
}

// Loading says that a checkpoint is being loaded, which must not be disturbed, or
// no longer is. A request of meanwhile begins anew then.
func (f *Failover) Loading(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loading = on
	if !on && f.take(stepLoaded) {
		f.take(stepRequest)
	}
}

// Begin says that the VM is about to be made independent.
func (f *Failover) Begin() { f.advance(stepBegin) }

// Done says that it is independent.
func (f *Failover) Done() { f.advance(stepDone) }

// Status is how far it is.
func (f *Failover) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

func (f *Failover) advance(on step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.take(on)
}

// take takes a step and says whether it led anywhere. mu is held.
func (f *Failover) take(on step) bool {
	to, ok := f.table[edge{f.status, on}]
	if ok {
		f.status = to
		if f.Told != nil {
			f.Told(to)
		}
	}
	return ok
}
