// Package rdma moves memory and a stream as QEMU does over RDMA: control
// messages between two ends, and pages that a source writes into the memory of
// its destination.
package rdma

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/wire"
)

// maxWrites is how many messages and writes are under way at most.
const maxWrites = 512

func limits() verbs.Limits { return verbs.Limits{Sends: maxWrites, Receives: int(slots)} }

// slot is a buffer for one message.
type slot int

const (
	slotReady   slot = iota // READY, or what the receiver is ready for
	slotData                // answers
	slotControl             // what is sent
	slots
)

// link is a connection on which messages go one way: one end says READY, and
// then the other one sends. Each end belongs to one goroutine at a time, shut to
// any.
type link struct {
	ep      verbs.Endpoint
	points  *points
	buffers [slots]buffer
	// owed: no message may be sent before a READY comes.
	owed bool
	// posted: there is a buffer already for the message that receive is to take.
	posted bool
	// early: that message does not wait for READY.
	early bool
	// wrote is told of each write that is done.
	wrote func(id uint64)
	head  []byte // where headers are made
	err   error  // why nothing goes on; it stays
	// told: the peer has said itself that it gives up.
	told bool
	// using is held while any of the above is used, so that close can wait.
	using  sync.Mutex
	closed bool
}

// use begins to use a link; done ends it. It fails once the link is closed.
func (l *link) use() error {
	l.using.Lock()
	if l.closed {
		l.using.Unlock()
		return errClosed()
	}
	return nil
}

func errClosed() error { return &channels.Error{Op: "Unable to use RDMA", Err: os.ErrClosed} }

func (l *link) done() { l.using.Unlock() }

type buffer struct {
	mem    []byte
	region verbs.Region
}

// newLink makes the buffers of an endpoint that is not connected yet. It is ready
// for what comes first: a READY, if it will send.
func newLink(ep verbs.Endpoint, sends bool, points *points) (*link, error) {
	l := &link{ep: ep, points: points, owed: sends, posted: true, wrote: func(uint64) {}}
	for i := range l.buffers {
		b := &l.buffers[i]
		var err error
		if b.mem, err = unix.Mmap(-1, 0, wire.MaxRDMAMessage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON); err == nil {
			b.region, err = ep.Register(b.mem, false)
		}
		if err != nil {
			l.close()
			return nil, fmt.Errorf("RDMA ERROR: rdma migration: error registering %d control!: %w", i, err)
		}
	}
	if err := l.post(slotReady); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// farewell tells the peer that this end gave up by itself, if it did. It need
// not hear; who does not take it must not hold this up.
func (l *link) farewell() {
	if !l.using.TryLock() {
		return
	}
	defer l.done()
	if _, broke := errors.AsType[*channels.Error](l.err); l.err == nil || broke || l.told {
		return
	}
	defer time.AfterFunc(farewellTime, l.ep.Shut).Stop()
	_ = l.put(wire.RDMAError, 1, 0)
}

// farewellTime is how long a peer has to take the last message.
const farewellTime = time.Second

// close frees whoever uses the link, and gives everything back.
func (l *link) close() {
	l.ep.Shut()
	l.using.Lock()
	defer l.done()
	if !l.closed {
		l.points.hangsUp.Tell()
	}
	l.closed = true
	l.ep.Close()
	for i := range l.buffers {
		if b := &l.buffers[i]; b.mem != nil {
			_ = unix.Munmap(b.mem) // it was mapped here
			b.mem = nil
		}
	}
}

// broke makes err the link's, in QEMU's words: what was waited for, and why that
// does not come.
func (l *link) broke(what string, err error) error {
	switch {
	case l.err != nil:
	case errors.Is(err, verbs.ErrShut):
		l.err = &channels.Error{Op: what, Err: unix.EPIPE}
	case errors.Is(err, verbs.ErrGone):
		l.err = &channels.Error{Op: what, Err: unix.ECONNRESET}
	default:
		l.err = &channels.Error{Op: what, Err: err}
	}
	return l.err
}

// fail makes err the link's.
func (l *link) fail(err error) error {
	if l.err == nil {
		l.err = err
	}
	return l.err
}
