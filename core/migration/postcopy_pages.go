package migration

import (
	"errors"
	"fmt"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// follow sends what the destination lacks, what it asks for before all else.
func (o *outgoing) follow(s *sending) error {
	channels.Prompt(s.conn)
	standBack(s.conn, channels.WriteInside)
	var win rate.Window
	win.Start(time.Now(), o.written(s), o.sentPages())
	var limit uint64
	turn := sections.NewTurn(func() int64 {
		left := win.Room(o.written(s), limit)
		if left == 0 && o.ram.Asked() {
			return 1
		}
		return left
	})
	for o.missing(s) > 0 {
		limit = o.m.settings.MaxPostcopyBandwidth()
		o.m.points.iterate.Tell()
		if err := s.live.Iterate(s.Saver, true, turn); err != nil {
			return err
		}
		if err := s.w.Flush(); err != nil {
			return err
		}
		o.account(o.written(s))
		now := time.Now()
		if win.Room(o.written(s), limit) == 0 && !win.Over(now) {
			urgent := false
			o.m.points.waits.Tell(trace.Int("ms", win.Left(now).Milliseconds()))
			select {
			case w := <-o.ram.Wanted():
				urgent = true
				o.ram.Want(w)
			case <-o.replies.ended():
				return o.replies.early()
			case <-o.m.settings.Changed():
			case <-time.After(win.Left(now)):
			}
			o.m.points.waited.Tell(trace.Bool("urgent", urgent))
			now = time.Now()
		}
		if win.Over(now) {
			win.Roll(now, o.written(s), o.sentPages())
			o.measured(&win)
		}
	}
	o.m.points.postcopied.Tell()
	return o.followed(s)
}

// followed ends what followed the VM, and waits until the destination has said
// that it has everything.
func (o *outgoing) followed(s *sending) error {
	for _, l := range s.live {
		if l.Postcopy {
			if err := s.End(l); err != nil {
				return err
			}
		}
	}
	if err := s.FinishPostcopy(); err != nil {
		return err
	}
	o.endPreempt(s)
	o.m.points.postcopiedAll.Tell()
	o.account(o.written(s))
	err := o.answered(s.conn, nil)
	if _, said := errors.AsType[siblingError](err); err != nil && !said {
		err = unheardError{err}
	}
	return err
}

// unheardError is a link that broke between the last byte and the last word: only
// the destination knows whether it has everything. Where it has, there is nothing
// to recover from, and nothing left to do for this end.
type unheardError struct{ cause error }

func (e unheardError) Unwrap() error { return e.cause }

func (e unheardError) Error() string {
	return fmt.Sprintf("everything was sent, but not confirmed: if the destination has completed, quit this end, "+
		"and recover otherwise: %v", e.cause)
}

// missing is how many bytes the destination still lacks.
func (o *outgoing) missing(s *sending) uint64 {
	_, left := s.live.Pending()
	return left
}

// asker takes the requests for pages of one return path, until stop, and
// refuses what has no place there.
func (o *outgoing) asker(stop <-chan struct{}) func(wire.Message) error {
	var requests *ram.Requests
	return func(m wire.Message) error {
		if m.Kind == wire.ReplyRecvBitmap {
			status, _ := o.state()
			return errNotRecovering(status)
		}
		if requests == nil {
			saver := o.pages.Load()
			if saver == nil {
				return fmt.Errorf("Received '%s' message (0x%04x) outside of postcopy", m.Kind, uint16(m.Kind))
			}
			requests = saver.Requests(stop)
		}
		if e := o.m.points.asked; e.On() {
			e.Tell(trace.Str("rbname", m.Block), trace.Uint("start", m.Start), trace.Uint("len", m.Length))
		}
		return requests.Add(m.Kind == wire.ReplyReqPagesID, m.Block, m.Start, uint64(m.Length))
	}
}

// ended gives a channel that is closed when nothing more is heard; nil where nobody listens.
func (r *replies) ended() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.done
}

// early is why the return path ended before everything was sent.
func (r *replies) early() error {
	if r.err != nil {
		return r.err
	}
	return links.ErrHungUp
}
