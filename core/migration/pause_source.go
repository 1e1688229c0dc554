package migration

import (
	"context"
	"errors"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/qapi"
)

// resumption is what migrate gives a source that has lost its destination: the
// way to it, and the channel where it is there already.
type resumption struct {
	addr channels.Address
	conn channels.Conn
	ctx  context.Context // ends with a yank before the link is there
}

// errPaused is a link that its user cut.
var errPaused = errors.New("Postcopy migration is paused by the user")

// persist sends what the destination lacks, however often it is lost on the way.
func (o *outgoing) persist(s *sending) error {
	for {
		err := o.follow(s)
		if err == nil || !o.lostLink(s, err) {
			return err
		}
		for err != nil {
			if err = o.paused(s, err); err != nil {
				return err
			}
			if err = o.agree(s); err == nil && !o.advance(states.SourceRecovered) {
				return errCancelled
			}
		}
		o.m.points.continued.Tell()
	}
}

// lostLink says whether err is of the link alone. What a destination says that
// could not load the VM, or a section that cannot be saved, is final; bitmaps
// that follow the VM without memory do not come again.
func (o *outgoing) lostLink(s *sending, err error) bool {
	if o.ctx.Err() != nil || !o.ramFollows() {
		return false
	}
	if _, broken := errors.AsType[siblingError](err); broken {
		return false
	}
	select {
	case <-o.replies.done:
		_, broken := errors.AsType[siblingError](o.replies.err)
		return !broken
	default:
		return s.w.Err() != nil
	}
}

// paused gives up the link, which broke with err, and waits for another one.
// Nothing is lost meanwhile: what the destination lacks it will say itself.
func (o *outgoing) paused(s *sending, err error) error {
	reason := o.leave()
	if _, unheard := errors.AsType[unheardError](err); !unheard && reason != nil && !errors.Is(reason, links.ErrHungUp) {
		err = reason
	}
	o.ram.Reconnect()
	report := "Detected IO failure for postcopy. Migration paused."
	for {
		if !o.lose(err) {
			return errCancelled
		}
		o.m.host.Report(report)
		select {
		case to := <-o.resumed:
			if err = o.rejoin(s, to); err == nil {
				return nil
			}
			report = err.Error()
		case <-o.ctx.Done():
			return context.Cause(o.ctx)
		}
	}
}

// lose is the step to the pause, because of err, or because its user wants it.
func (o *outgoing) lose(err error) bool {
	return o.advanceWith(states.SourceLost, func() {
		if o.err = err; o.cut != nil {
			o.err, o.cut = o.cut, nil
		}
	})
}

// rejoin makes the new link.
func (o *outgoing) rejoin(s *sending, to resumption) error {
	conn, err := to.conn, error(nil)
	if conn == nil {
		conn, err = o.dial(to.ctx, to.addr)
	} else {
		conn, err = o.m.links.Secure(to.ctx, conn, to.addr)
	}
	if err != nil {
		return err
	}
	o.mu.Lock()
	if err = context.Cause(to.ctx); err == nil {
		o.conn, o.err, o.cut = conn, nil, nil
	}
	o.mu.Unlock()
	if err != nil {
		conn.Close()
		return err
	}
	o.addr = to.addr
	s.conn = conn
	s.w.Reset(conn)
	o.join(conn)
	if !o.advance(states.SourceReconnect) {
		return errCancelled
	}
	return nil
}

// resume goes on with a source that has lost its destination.
func (m *Migration) resume(addr channels.Address, files links.Files) error {
	o, _ := m.current()
	ctx, cancel := context.WithCancelCause(o.ctx)
	if !o.advanceWith(states.SourceResume, func() { o.giveUp = cancel }) {
		cancel(nil)
		return qapi.Errorf("Cannot resume if there is no paused migration")
	}
	to := resumption{addr: addr, ctx: ctx}
	if !addr.Connects() {
		var err error
		if to.conn, err = m.links.Open(addr, files); err != nil {
			o.advance(states.SourceLost)
			return err
		}
	}
	o.resumed <- to
	return nil
}

// cutLink is migrate-pause of a source: false where it is not in postcopy.
func (o *outgoing) cutLink() bool {
	o.mu.Lock()
	conn, status := o.conn, o.status
	alive := status == qapi.MigrationStatusPostcopyActive || status == qapi.MigrationStatusPostcopyRecover
	if alive {
		o.cut = errPaused
	}
	o.mu.Unlock()
	if alive && conn != nil {
		conn.Shutdown()
	}
	return alive
}
