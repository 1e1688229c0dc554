package migration

import (
	"context"
	"fmt"
	"io"
	"sync"

	"qmpmigrate/core/ram"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// recovery is what a source waits for after it has found its destination again.
// The goroutine that hears the destination fills it in.
type recovery struct {
	pages  *ram.Saver
	points *points
	status func() qapi.MigrationStatus
	acked  chan struct{} // closed when the destination is ready to go on
	ack    sync.Once

	// left are the blocks whose bitmaps have not come yet; known is closed
	// with the last of them. Only the hearing goroutine has left.
	left  map[string]bool
	known chan struct{}
}

// newRecovery is for a new link: nil where the VM is not lost.
func (o *outgoing) newRecovery() *recovery {
	if !o.gone() {
		return nil
	}
	r := &recovery{pages: o.ram, points: &o.m.points, status: o.m.status, acked: make(chan struct{}), known: make(chan struct{}), left: map[string]bool{}}
	for _, name := range o.ram.Names() {
		r.left[name] = true
	}
	if len(r.left) == 0 {
		close(r.known)
	}
	return r
}

// reload takes the bitmap of a block, which follows its message.
func (r *recovery) reload(name string, in io.Reader) error {
	if !r.pages.Has(name) {
		return fmt.Errorf("MIG_RP_MSG_RECV_BITMAP has invalid block name '%s'", name)
	}
	if !r.left[name] {
		// It has come, and by now pages may be on their way.
		return errNotRecovering(r.status())
	}
	r.points.reload.Tell(trace.Str("str", name))
	if err := r.pages.Reload(name, in); err != nil {
		return err
	}
	r.points.reloaded.Tell(trace.Str("str", name))
	if delete(r.left, name); len(r.left) == 0 {
		close(r.known)
	}
	return nil
}

func errNotRecovering(s qapi.MigrationStatus) error {
	return fmt.Errorf("Reload bitmap in incorrect state %s", s)
}

// acknowledge says that the destination is ready to go on.
func (r *recovery) acknowledge() {
	if r != nil {
		r.ack.Do(func() { close(r.acked) })
	}
}

// agree finds out on a new link what the destination lacks, and has it go on.
func (o *outgoing) agree(s *sending) error {
	o.m.points.bitmaps.Tell()
	for _, name := range o.ram.Names() {
		o.m.points.bitmap.Tell(trace.Str("str", name))
		s.Command(wire.CmdRecvBitmap, wire.AppendCounted(nil, name))
	}
	if err := s.w.Flush(); err != nil {
		return err
	}
	o.m.points.bitmapWait.Tell()
	if err := o.awaits(o.replies.recovery.known); err != nil {
		return err
	}
	o.m.points.bitmapsEnd.Tell()
	if err := o.preempt(s); err != nil {
		return err
	}
	s.Command(wire.CmdPostcopyResume, nil)
	if err := s.w.Flush(); err != nil {
		return err
	}
	return o.awaits(o.replies.recovery.acked)
}

// awaits waits for what the destination is to say.
func (o *outgoing) awaits(said <-chan struct{}) error {
	select {
	case <-said:
		return nil
	case <-o.replies.done:
		return o.replies.early()
	case <-o.ctx.Done():
		return context.Cause(o.ctx)
	}
}
