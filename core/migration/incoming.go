package migration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/core/migration/answers"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/postcopy"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// incoming is a migration into this machine, from listening to the start of the VM.
type incoming struct {
	m        *Migration
	addr     channels.Address
	listener channels.Listener
	files    links.FileLanes // its lanes, where it is a file
	exit     bool            // a failure ends the process
	ctx      context.Context // ends with the machine
	cancel   context.CancelFunc
	release  func() // gives the yank instance up
	done     chan struct{}
	stages   stages

	times atomic.Pointer[postcopy.Blocktime] // nil: nobody counts

	mu     sync.Mutex
	status qapi.MigrationStatus
	err    error
	conn   channels.Conn // the source, while it is there
	gate   links.Gate    // where it comes back
	giveUp func()        // ends what devices wait for, once they may
}

// advance takes one step of the state machine. Only the goroutine that the
// migration belongs to does.
func (in *incoming) advance(on states.TargetStep) {
	in.m.steps.Lock()
	defer in.m.steps.Unlock()
	in.step(on)
}

// step is advance for callers that hold the migration's steps.
func (in *incoming) step(on states.TargetStep) {
	in.mu.Lock()
	next, ok := in.m.target.Next(in.status, on)
	if ok {
		in.status = next
	}
	in.mu.Unlock()
	if ok {
		in.m.statusEvent(next)
	}
}

func (in *incoming) run() {
	defer close(in.done)
	defer in.files.Close()
	conn, err := in.accept(in.listener)
	if err == nil {
		stop := context.AfterFunc(in.ctx, func() { conn.Shutdown() })
		r := stream.NewReader(conn)
		if in.socket() {
			in.setConn(conn) // before anybody hears that it is there, who may yank it
			in.m.points.accepted.Tell()
		} else {
			// Nobody connects: the source is there when its first byte is.
			// What is wrong with the channel shows when it is loaded from.
			_, _ = r.Peek(1)
			in.setConn(conn)
		}
		in.m.points.channelIn.Tell(trace.Str("ioctype", links.Kind(conn, in.addr)))
		in.advance(states.TargetConnect)
		err = in.load(conn, r)
		stop()
		in.drop()
	}
	in.release()
	if err != nil {
		in.fail(err)
	}
}

// complete says that everything is here; the next migration may begin with the step.
func (in *incoming) complete() {
	in.release()
	in.advance(states.TargetLoaded)
}

// load takes the stream in and hands the machine over to its host.
func (in *incoming) load(conn channels.Conn, r *stream.Reader) error {
	machine := in.m.host.Guest()
	options := in.m.settings.RAM()
	options.Files = in.files.Readers()
	pages := ram.NewLoader(machine, &in.m.loaded, options)
	defer pages.Close()
	pages.TraceTo(in.m.host.Trace())
	a := &arrival{in: in, machine: machine, r: r, pages: pages}
	a.ctx, a.giveUp = context.WithCancel(in.ctx)
	defer a.giveUp()
	defer context.AfterFunc(a.ctx, in.cut)()
	a.bitmaps = dirtybitmap.NewLoader(in.m.host.Disks(), in.m.settings.BitmapMapping(), in.m.host.Report)
	a.bitmaps.TraceTo(in.m.host.Trace())
	// One that never got whole is worth nothing.
	defer a.bitmaps.Cancel()
	live := incomingSections(a)
	back := answers.New(conn, answers.Config{
		Acks:     in.m.settings.Enabled(qapi.MigrationCapabilitySwitchoverAck),
		Report:   in.m.host.Report,
		Estimate: func() time.Duration { return loadEstimate(live, machine.Devices()) },
		Trace:    in.m.host.Trace(),
	})
	a.back = back
	ctx, giveUp := context.WithCancel(in.ctx)
	defer giveUp()
	in.onYank(giveUp)
	if err := back.Setup(ctx, live); err != nil {
		return err
	}
	defer back.Cleanup()
	lanes, err := in.receive(a.ctx, conn, pages)
	if err != nil {
		return err
	}
	a.unreached = in.reached(conn, pages)
	defer a.unreached()
	quirks := in.m.settings.Quirks(machine.Configuration().Machine)
	a.loader = &savevm.Loader{
		Target:   target{machine, in.m},
		Format:   quirks.Format(),
		Live:     live,
		Command:  a.command,
		Packaged: a.packaged,
		Timed:    in.stages.arrived,
	}
	a.loader.TraceTo(in.m.host.Trace())
	err = a.loader.Load(r)
	follows := errors.Is(err, savevm.ErrHandedOver) // something does, and the VM is this machine's already
	if follows && lanes != nil {
		lanes.Seal()
		defer lanes.Close() // after all that follows is here: a source syncs them once more
	} else {
		err = landed(lanes, err)
	}
	a.unreached() // before the VM runs
	if follows {
		err = nil
	}
	return a.settle(conn, follows, err)
}

func (in *incoming) fail(err error) {
	in.mu.Lock()
	in.err = fmt.Errorf("load of migration failed: %w", err)
	if lane, ok := errors.AsType[links.LaneError](err); ok {
		in.err = lane.Err
	}
	in.mu.Unlock()
	in.advance(states.TargetBreak)
	if in.ctx.Err() == nil {
		in.m.host.IncomingFailed(in.err, in.exit)
	}
}

// state is what query-migrate tells of a destination.
func (in *incoming) state() (qapi.MigrationStatus, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.status, in.err
}

// socket says whether a socket waits for the source, or did.
func (in *incoming) socket() bool { return in.addr.Connects() }

// listens says whether a socket is there for the source: until everything has
// come, or never will.
func (in *incoming) listens() bool {
	status, _ := in.state()
	return in.socket() && in.addr.Transport == channels.TransportSocket && states.Running(status)
}

// setConn says that the source is there. The channel of a machine that is
// closed is of no use.
func (in *incoming) setConn(conn channels.Conn) {
	in.mu.Lock()
	in.conn = conn
	in.mu.Unlock()
	if in.ctx.Err() != nil {
		conn.Shutdown()
	}
}

func (in *incoming) channel() channels.Conn {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.conn
}

// drop closes the channel.
func (in *incoming) drop() {
	in.mu.Lock()
	conn := in.conn
	in.conn = nil
	in.mu.Unlock()
	if conn != nil {
		conn.Shutdown()
		conn.Close()
	}
}

// cut ends whatever waits for the source, where it is there.
func (in *incoming) cut() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.conn != nil {
		in.conn.Shutdown()
	}
}

// onYank has giveUp called when the source is cut off: that ends waits that are
// none for the channel.
func (in *incoming) onYank(giveUp func()) {
	in.mu.Lock()
	in.giveUp = giveUp
	in.mu.Unlock()
}

// yank cuts the source off. Where none is there it does nothing: whoever
// listens waits for nobody that may have stopped answering.
func (in *incoming) yank() {
	in.mu.Lock()
	conn, giveUp := in.conn, in.giveUp
	in.mu.Unlock()
	if conn != nil {
		conn.Shutdown()
	}
	if giveUp != nil {
		giveUp()
	}
}

// close ends the migration, wherever it is. One that has completed says so to its
// source first, if that takes it.
func (in *incoming) close() {
	if status, _ := in.state(); status == qapi.MigrationStatusCompleted {
		select {
		case <-in.done:
		case <-time.After(lastWordTime):
		}
	}
	in.cancel()
	in.listener.Close()
	<-in.done
}
