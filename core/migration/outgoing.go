package migration

import (
	"context"
	"errors"
	"sync"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// outgoing is a migration out of this machine, from migrate to its end. The
// migration goroutine runs it; others may only look (report) and cancel.
type outgoing struct {
	m      *Migration
	addr   channels.Address
	cancel context.CancelFunc
	done   chan struct{}

	ram   *ram.Saver
	stats ram.Stats

	mu       sync.Mutex
	status   qapi.MigrationStatus
	err      error
	progress progress
}

func (m *Migration) send(addr channels.Address) *outgoing {
	ctx, cancel := context.WithCancel(context.Background())
	o := &outgoing{m: m, addr: addr, cancel: cancel, done: make(chan struct{}), status: qapi.MigrationStatusNone}
	o.progress.begin(time.Now(), m.options.downtimeLimit())
	o.advance(stepStart)
	go o.run(ctx)
	return o
}

// advance takes one step of the state machine and says whether it led anywhere.
func (o *outgoing) advance(on step) bool { return o.advanceWith(on, func() {}) }

// advanceWith is advance for a step that must have its effect before anyone
// can see the new status; effect runs only if the step leads anywhere.
func (o *outgoing) advanceWith(on step, effect func()) bool {
	o.mu.Lock()
	next, ok := o.m.transitions[edge{o.status, on}]
	if ok {
		effect()
		o.status = next
	}
	o.mu.Unlock()
	if ok {
		o.m.statusEvent(next)
	}
	return ok
}

// stop cancels the migration; it ends soon after.
func (o *outgoing) stop() {
	if o.advance(stepCancel) {
		o.cancel()
	}
}

func (o *outgoing) run(ctx context.Context) {
	defer close(o.done)
	defer o.cancel()
	err := o.migrate(ctx)
	if err == nil && o.finish() {
		return
	}
	// The guest goes on before anyone hears that the migration is over.
	o.m.host.SwitchoverUndone()
	if o.advance(stepUnwound) {
		return
	}
	o.mu.Lock()
	o.err = err
	o.mu.Unlock()
	o.advance(stepBreak)
}

// migrate does all the work; when it returns nil everything was sent.
func (o *outgoing) migrate(ctx context.Context) error {
	conn, err := channels.Dial(ctx, o.addr)
	if err != nil {
		return err
	}
	unhook := context.AfterFunc(ctx, func() { conn.Shutdown() })
	defer unhook()
	if err := o.stream(ctx, stream.NewWriter(conn)); err != nil {
		conn.Close()
		return err
	}
	// A command that takes the stream may still fail when its input ends.
	return conn.Close()
}

// stream writes the whole stream, stopping the VM on the way.
func (o *outgoing) stream(ctx context.Context, w *stream.Writer) error {
	machine := o.m.host.Guest()
	o.ram = ram.NewSaver(machine.Blocks(), &o.stats)
	defer o.ram.Close()
	o.mu.Lock()
	o.progress.total = o.ram.Total()
	o.mu.Unlock()

	s := savevm.NewSaver(w)
	s.Begin(machine.Configuration())
	id := s.Start("ram", 0, wire.RAMVersion, func() { o.ram.Start(w, time.Now()) })
	if err := w.Flush(); err != nil {
		return err
	}
	o.m.passEvent(o.stats.Syncs.Load())
	if !o.advance(stepSetupDone) {
		return context.Cause(ctx)
	}
	o.iterating(time.Now())
	if err := o.precopy(ctx, w, s, id); err != nil {
		return err
	}
	return o.complete(w, s, id, machine)
}

var errCancelled = errors.New("migration was cancelled")

// finish leaves the VM to its destination, unless the migration was cancelled
// at the last moment. The run state changes before anyone can see "completed".
func (o *outgoing) finish() bool {
	return o.advanceWith(stepSaved, func() {
		o.progress.end(time.Now())
		o.m.host.SwitchoverDone()
	})
}

func (o *outgoing) pages() uint64 { return o.stats.Normal.Load() + o.stats.Zero.Load() }

// close cancels the migration and waits for its end.
func (o *outgoing) close() {
	o.stop()
	<-o.done
}
