package migration

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/blockmigration"
	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// outgoing is a migration out of this machine, from migrate to its end. The
// migration goroutine runs it; others may only look (report), let it go on and end it.
type outgoing struct {
	m       *Migration
	addr    channels.Address
	ctx     context.Context // its end frees every wait; the cause says why
	cancel  context.CancelCauseFunc
	hurried context.Context // its end, which hurry is, ends patience
	hurry   context.CancelFunc
	done    chan struct{}
	release func()          // gives the yank instance up; may be called again
	proceed chan struct{}   // gets a value at migrate-continue
	resumed chan resumption // gets a value at migrate with resume
	// postcopyAsked is set at migrate-start-postcopy; pages is ram, once the
	// destination may ask for some.
	postcopyAsked atomic.Bool
	pages         atomic.Pointer[ram.Saver]

	// Only the migration goroutine has these.
	ram       *ram.Saver
	primaries []guest.Primary       // that were asked to be unplugged
	blocks    *blockmigration.Saver // nil: disks do not go
	bitmaps   *dirtybitmap.Saver    // nil: dirty bitmaps do not
	disks     settings.DiskMode
	throttle  rate.Throttle
	limited   uint64   // MiB per second that each vCPU may dirty, 0 before that is bounded
	halted    bool     // StopForSwitchover was called
	heard     bool     // the destination has said that it has the VM
	replies   *replies // nil without a return path
	colo      bool     // the VM goes on at both ends
	unhook    func() bool
	still     bool // the VM goes on here (background-snapshot)

	stats     ram.Stats
	diskStats blockmigration.Stats
	stages    stages

	// mu is held for moments.
	mu       sync.Mutex
	status   qapi.MigrationStatus
	err      error
	progress progress
	conn     channels.Conn           // nil while none is there
	giveUp   context.CancelCauseFunc // ends a wait that is none for the channel: for a new link, or the next checkpoint
	cut      error                   // why its user cut the channel in postcopy
	handed   bool                    // the VM is its destination's, or about to be
	offered  bool                    // the destination may have all of a precopy, and answers
	threads  []qapi.MigrationThreadInfo
}

// Why a migration's context ends.
var (
	errCancelled = errors.New("migration was cancelled")
	errYanked    = errors.New("the migration was cut off by the command yank")
)

func (m *Migration) newOutgoing(addr channels.Address) (*outgoing, error) {
	o := &outgoing{m: m, addr: addr, done: make(chan struct{}), proceed: make(chan struct{}, 1), resumed: make(chan resumption, 1),
		status: qapi.MigrationStatusNone, still: m.settings.Snapshots()}
	o.ctx, o.cancel = context.WithCancelCause(context.Background())
	o.hurried, o.hurry = context.WithCancel(context.Background())
	o.stages.points = m.points.checkpoint
	o.progress.begin(time.Now(), m.settings.DowntimeLimit())
	remove, err := m.host.YankRegister().Add(yank.Instance{Kind: yank.Migration}, o.yank)
	if err != nil {
		return nil, err
	}
	o.release = remove
	return o, nil
}

// advance takes one step of the state machine and says whether it led anywhere.
func (o *outgoing) advance(on states.SourceStep) bool { return o.advanceWith(on, func() {}) }

// advanceWith is advance for a step that changes more than the status; effect
// runs under mu, and only if the step leads anywhere.
func (o *outgoing) advanceWith(on states.SourceStep, effect func()) bool {
	o.m.steps.Lock()
	defer o.m.steps.Unlock()
	return o.step(on, effect)
}

// step is advanceWith for callers that hold the migration's steps.
func (o *outgoing) step(on states.SourceStep, effect func()) bool {
	o.mu.Lock()
	next, ok := o.m.source.Next(o.status, on)
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

// run is the migration goroutine. conn is nil where it must be connected first.
func (o *outgoing) run(conn channels.Conn) {
	defer close(o.done)
	defer o.hurry()
	defer o.cancel(nil)
	err := o.migrate(conn)
	o.m.points.cleanup.Tell()
	o.release()
	select {
	case to := <-o.resumed:
		if to.conn != nil {
			to.conn.Close()
		}
	default:
	}
	switch {
	case errors.Is(err, errIndependent):
		return
	case err == nil:
		if o.m.host.SwitchoverDone(o.saved) {
			return
		}
		err = errCancelled
	}
	o.unwind(err)
}

// saved is the last step: the VM is its destination's, unless the migration
// was cancelled at the last moment, which no longer helps once the destination
// has said that it has the VM: it runs there.
func (o *outgoing) saved() bool {
	step := states.SourceSaved
	switch {
	case o.heard:
		step = states.SourceConfirmed
	case o.still:
		step = states.SourceSnapshotDone
	}
	return o.advanceWith(step, func() {
		if o.progress.end(time.Now()); o.progress.handed.IsZero() {
			o.stages.checkpoint("src-downtime-end")
		}
	})
}

// migrate does all the work; when it returns nil everything was sent.
func (o *outgoing) migrate(conn channels.Conn) error {
	if conn == nil {
		var err error
		if conn, err = o.dial(o.ctx, o.addr); err != nil {
			return err
		}
		if !o.connected(conn) {
			conn.Close()
			return errCancelled
		}
	} else {
		var err error
		if conn, err = o.secured(conn); err != nil {
			return err
		}
	}
	if !o.still {
		defer o.ownThread(sourceThread)()
	}
	o.m.points.channelOut.Tell(trace.Str("ioctype", links.Kind(conn, o.addr)), trace.Str("hostname", o.addr.Inet.Host))
	o.join(conn)
	defer func() { o.unhook() }()
	err := o.stream(conn)
	o.looped(err)
	o.unheard()
	conn = o.channel()
	switch {
	case conn == nil: // it ends while it is paused
		return err
	case err != nil:
		err = o.lastWord(conn, err)
		conn.Close()
		return err
	}
	o.part(conn)
	// A command that takes the stream may still fail when its input ends, and one
	// that was cut off had no time for what it does then.
	err = conn.Close()
	if cause := context.Cause(o.ctx); err == nil && o.addr.Transport == channels.TransportExec && errors.Is(cause, errYanked) {
		err = cause
	}
	if o.heard {
		return nil
	}
	return err
}

// looped tells that the migration goroutine has done its work, or could not because of the channel.
func (o *outgoing) looped(err error) {
	if _, broke := errors.AsType[*channels.Error](err); broke {
		o.m.points.fileErr.Tell()
	}
	o.m.points.afterLoop.Tell()
}

// dial connects, unless ctx ends meanwhile.
func (o *outgoing) dial(ctx context.Context, addr channels.Address) (channels.Conn, error) {
	conn, err := o.m.links.Dial(ctx, addr)
	switch {
	case err == nil:
		o.m.points.connected.Tell(trace.Str("hostname", addr.Inet.Host))
		if o.preempts() {
			conn = links.NewPair(conn)
		} else if o.m.settings.Lanes() > 0 {
			conn = links.NewBundle(conn)
		}
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	default:
		o.m.points.refused.Tell(trace.Err("err", err))
	}
	return conn, err
}

// connected makes conn the migration's channel, unless it has ended meanwhile.
func (o *outgoing) connected(conn channels.Conn) bool {
	o.m.steps.Lock()
	defer o.m.steps.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.status != qapi.MigrationStatusSetup {
		return false
	}
	o.conn = conn
	return true
}
