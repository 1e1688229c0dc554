package migration

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// replies is what a source hears from its destination on the return path. A
// goroutine of its own reads it, which nobody else does.
type replies struct {
	mute  bool          // the channel cannot carry it
	done  chan struct{} // closed when nothing more is read
	err   error         // why; nil after the destination's last word. Valid once done is closed
	acked chan struct{} // closed when the destination is ready for the switchover
	ack   sync.Once
	// ponged is closed when the destination has answered a ping.
	ponged chan struct{}
	pong   sync.Once
	// stop is closed when nobody serves requests any more, which deaf does.
	stop chan struct{}
	deaf sync.Once
	ask  func(m wire.Message) error
	// What the destination takes after the last byte: its word, and how long
	// that took. asked is when the open question was put.
	heardMu       sync.Mutex
	asked         time.Time
	remote, delay time.Duration
	before        time.Duration // the last delay

	points replyPoints
	// recovery is nil, or what waits for the destination after it was lost.
	recovery *recovery
}

func newReplies() *replies {
	return &replies{done: make(chan struct{}), acked: make(chan struct{}), ponged: make(chan struct{}), stop: make(chan struct{})}
}

// hear opens the source's end of the return path, where it is wanted. A channel
// that cannot carry it is found out at the end, as in QEMU.
func (o *outgoing) hear(conn channels.Conn) {
	if !o.m.settings.Enabled(qapi.MigrationCapabilityReturnPath) && !o.m.settings.Enabled(qapi.MigrationCapabilityPostcopyRAM) {
		return
	}
	o.m.points.replies.open.Tell()
	r := newReplies()
	r.points = o.m.points.replies
	r.mute = !conn.TwoWay()
	r.ask, r.recovery = o.asker(r.stop), o.newRecovery()
	o.replies = r
	if r.mute {
		what := "file"
		if o.addr.Transport == channels.TransportExec {
			what = "command"
		}
		r.err = &channels.Error{Op: "Unable to read from " + what, Err: unix.EBADF}
		close(r.done)
		return
	}
	r.points.opened.Tell()
	go func() {
		r.points.entry.Tell()
		r.err = r.read(bufio.NewReaderSize(conn, wire.ReplyHeaderSize+wire.MaxReply))
		r.points.ended(r.err)
		close(r.done)
		if r.err != nil {
			o.lost(conn, r.err)
		}
	}()
}

// read takes messages until the last one.
func (r *replies) read(in io.Reader) error {
	var head [wire.ReplyHeaderSize]byte
	var payload [wire.MaxReply]byte
	for {
		r.points.top.Tell()
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return heard(err)
		}
		h, err := wire.ParseReplyHeader(head)
		if err != nil {
			return err
		}
		if n, err := io.ReadFull(in, payload[:h.Size]); err != nil {
			return fmt.Errorf("Failed reading data for message 0x%04x read %d expected %d", uint16(h.Kind), n, h.Size)
		}
		m, err := wire.ParseMessage(h.Kind, payload[:h.Size])
		if err != nil {
			return err
		}
		if m.Kind == wire.ReplyRecvBitmap && r.recovery != nil {
			if err := r.recovery.reload(m.Block, in); err != nil {
				return err
			}
			continue
		}
		if last, err := r.take(m); last || err != nil {
			return err
		}
	}
}

// siblingError is what a destination says that could not load the VM.
type siblingError int32

func (e siblingError) Error() string { return fmt.Sprintf("Sibling indicated error %d", int32(e)) }

// heard is the error of a path that broke.
func heard(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return links.ErrHungUp
	}
	return err
}

// take acts on a message; last says that it was the last one.
func (r *replies) take(m wire.Message) (last bool, err error) {
	switch m.Kind {
	case wire.ReplyShut:
		r.points.shut.Tell(trace.Uint("val", m.Value))
		if m.Value != 0 {
			// QEMU prints the number with its sign.
			return true, siblingError(m.Value)
		}
		return true, nil
	case wire.ReplyPong:
		r.points.pong.Tell(trace.Uint("val", m.Value))
		r.pong.Do(func() { close(r.ponged) })
	case wire.ReplyEstimate:
		if !r.estimated(m.Estimate, time.Now()) {
			return false, errors.New("an estimate that nobody asked for")
		}
	case wire.ReplySwitchoverAck:
		r.points.ack.Tell()
		r.ack.Do(func() { close(r.acked) })
	case wire.ReplyReqPagesID, wire.ReplyReqPages, wire.ReplyRecvBitmap:
		return false, r.ask(m)
	case wire.ReplyResumeAck:
		r.points.resume.Tell(trace.Uint("v", m.Value))
		if m.Value != wire.ResumeAck {
			return false, fmt.Errorf("illegal resume_ack value %d", m.Value)
		}
		r.recovery.acknowledge()
	}
	return false, nil
}

// ended says why the migration must not go on. A yank is none: the channel has
// its own words for it.
func (o *outgoing) ended() error {
	if cause := context.Cause(o.ctx); !errors.Is(cause, errYanked) {
		return cause
	}
	return nil
}
