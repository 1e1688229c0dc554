package migration

import (
	"context"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// Cancel is migrate_cancel: it ends an outgoing migration; without one it does
// nothing. It does not wait for the end, except of a connect, which is at once.
func (m *Migration) Cancel() error {
	out, _ := m.current()
	if out == nil {
		return nil
	}
	if out.gone() && states.Running(m.status()) {
		return qapi.Errorf("Postcopy migration in progress, cannot cancel.")
	}
	m.points.cancel.Tell()
	out.end(states.SourceCancel)
	return nil
}

// end makes the migration unwind, wherever it is. One that has no channel yet
// has nothing to unwind: the next one may begin while its connect still goes on.
func (o *outgoing) end(on states.SourceStep) {
	o.m.steps.Lock()
	defer o.m.steps.Unlock()
	if on == states.SourceCancel && o.gone() {
		return
	}
	if on == states.SourceQuit {
		o.hurry()
	}
	if !o.step(on, func() {}) {
		return
	}
	o.cancel(errCancelled)
	if conn := o.channel(); conn != nil {
		o.sever(conn)
		return
	}
	if o.gone() {
		return // the migration goroutine waits for a channel
	}
	o.release()
	o.step(states.SourceUnwound, func() {})
}

// yank cuts the channel, or ends the wait for one.
func (o *outgoing) yank() {
	o.hurry()
	o.mu.Lock()
	conn := o.conn
	if o.giveUp != nil {
		// A link that is about to be there finds its context at its end.
		o.giveUp(errYanked)
	}
	o.mu.Unlock()
	if conn != nil {
		o.sever(conn)
	}
	if s, _ := o.state(); s == qapi.MigrationStatusCOLO {
		return // as if the network had broken: others say which end goes on
	}
	if !o.gone() {
		o.cancel(errYanked)
	}
}

// onYank has giveUp called when the channel is cut off.
func (o *outgoing) onYank(giveUp context.CancelCauseFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.giveUp = giveUp
}

func (o *outgoing) channel() channels.Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.conn
}

// unwind ends a migration that was cancelled or broke. The guest goes on after
// the event that it failed, but before the one that it was cancelled.
func (o *outgoing) unwind(err error) {
	o.keepBitmaps()
	if !o.gone() {
		o.replug() // whoever hears of the end may begin the next migration
	}
	broke := false
	tell := func() { broke = o.fail(err) }
	switch {
	case o.gone():
		// Whatever becomes of the VM: it must not run twice.
		o.m.host.SwitchoverDone(func() bool { tell(); return true })
	case o.halted:
		o.m.host.SwitchoverUndone(tell)
	default:
		tell()
	}
	if broke {
		o.m.host.Report(err.Error())
		return
	}
	left := o.left()
	o.advanceWith(states.SourceUnwound, func() { o.err = left })
	if left != nil {
		o.m.host.Report(left.Error())
	}
}

// left is the error that is left of a migration that was cancelled: in its
// switchover, or under a reader of the return path.
func (o *outgoing) left() error {
	switch {
	case o.gone():
		return nil // its pause was told
	case o.replies != nil && o.replies.err != nil:
		return o.replies.err
	case o.halted:
		return links.ErrHungUp
	}
	return nil
}

// fail is the step of a migration that broke; false means that it was cancelled before.
func (o *outgoing) fail(err error) bool {
	o.m.points.failed.Tell(trace.Err("error_desc", err))
	return o.advanceWith(states.SourceBreak, func() { o.err = err })
}
