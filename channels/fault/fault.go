// Package fault wraps a channel and damages it at exact offsets, for tests: the same plan does the same every time.
package fault

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"qmpmigrate/channels"
)

// Fault is one mishap, at one offset of one direction.
type Fault struct {
	at    int64
	cut   bool
	wait  func(stop <-chan struct{})
	flips byte
}

// Cut ends the channel, both directions at once, when exactly at bytes have passed and more is wanted.
func Cut(at int64) Fault { return Fault{at: at, cut: true} }

// Delay holds the byte at the offset, and all that follow, back for some time.
func Delay(at int64, d time.Duration) Fault {
	return Fault{at: at, wait: func(stop <-chan struct{}) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-stop:
		}
	}}
}

// Hold holds the byte at the offset, and all that follow, back until released is closed. reached, if not nil, is closed
// when the channel gets there.
func Hold(at int64, reached chan<- struct{}, released <-chan struct{}) Fault {
	return Fault{at: at, wait: func(stop <-chan struct{}) {
		if reached != nil {
			close(reached)
		}
		select {
		case <-released:
		case <-stop:
		}
	}}
}

// Corrupt flips bits of the byte at the offset.
func Corrupt(at int64, flips byte) Fault { return Fault{at: at, flips: flips} }

// Plan lists the faults of a channel. Offsets count the bytes of their direction, from 0. Faults at the same offset
// strike in the order given.
type Plan struct {
	Read, Write []Fault
}

// Conn is a channel with faults.
type Conn struct {
	channels.Conn
	read, write side
	stop        chan struct{}
	stopping    sync.Once
}

// Wrap puts a plan in front of c.
func Wrap(c channels.Conn, p Plan) *Conn {
	return &Conn{Conn: c, read: newSide(p.Read), write: newSide(p.Write), stop: make(chan struct{})}
}

// side is the state of one direction, used by one goroutine at a time.
type side struct {
	pos    int64
	faults []Fault // those to come, by offset
}

func newSide(faults []Fault) side {
	sorted := slices.Clone(faults)
	slices.SortStableFunc(sorted, func(a, b Fault) int { return cmp.Compare(a.at, b.at) })
	return side{faults: sorted}
}

// strike performs what is due before the next byte, except corruption, whose mask it returns.
func (c *Conn) strike(s *side) (flips byte) {
	for len(s.faults) > 0 && s.faults[0].at <= s.pos {
		f := s.faults[0]
		switch {
		case f.cut:
			c.Shutdown() // the channel itself answers from now on
			s.faults = nil
			return 0
		case f.wait != nil:
			f.wait(c.stop)
		default:
			flips ^= f.flips
		}
		s.faults = s.faults[1:]
	}
	return flips
}

// room is how many bytes may pass before the next fault.
func (s *side) room(n int64) int64 {
	if len(s.faults) > 0 {
		return min(n, s.faults[0].at-s.pos)
	}
	return n
}

// Shutdown ends waits, too.
func (c *Conn) Shutdown() error {
	c.stopping.Do(func() { close(c.stop) })
	return c.Conn.Shutdown()
}

// Close ends waits, too.
func (c *Conn) Close() error {
	c.stopping.Do(func() { close(c.stop) })
	return c.Conn.Close()
}
