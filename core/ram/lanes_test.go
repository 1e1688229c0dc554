package ram

import (
	"io"
	"sync/atomic"
	"testing"
	"time"

	"qmpmigrate/core/multifd"
	"qmpmigrate/core/stream"
)

// stuck is a lane that brings a batch out when it is told to.
type stuck struct {
	next chan struct{}
	sent chan int
}

func (s *stuck) Open() error { return nil }
func (s *stuck) Sync() error { return nil }
func (s *stuck) Close()      {}

func (s *stuck) Send(b *multifd.Batch) error {
	<-s.next
	s.sent <- len(b.Pages())
	return nil
}

// Pages that wait for a lane count for the limit before they are sent: no more of them are given to lanes than QEMU
// would, however slow the lanes are, and they do not wait for others to come.
func TestPagesThatWaitCount(t *testing.T) {
	lane := &stuck{make(chan struct{}), make(chan int, 1)}
	sender := multifd.NewSender([]multifd.Carrier{lane}, multifd.SenderOptions{})
	s := NewSaver(source(t, 4096), &Stats{}, Options{Lanes: sender})
	defer s.Close()
	defer sender.Close()
	defer close(lane.next)
	w := stream.NewWriter(io.Discard)
	if err := s.Start(w, time.Now()); err != nil {
		t.Fatal(err)
	}
	left := s.Pending() / 4096
	for i := range 3 {
		if err := s.Iterate(w, func() int64 { return 10 }); err != nil {
			t.Fatal(err)
		}
		due := s.Pending() / 4096
		if given := left - due; given != multifd.PacketPages {
			t.Fatalf("%d pages were given to a lane that is stuck", given)
		}
		left = due
		if err := s.Iterate(w, func() int64 { return 10 }); err != nil || s.Pending()/4096 != left {
			t.Fatalf("pages were given to a lane that has enough, %v", err)
		}
		lane.next <- struct{}{}
		if n := <-lane.sent; n != multifd.PacketPages {
			t.Errorf("%d: a batch of %d pages", i, n)
		}
		for sender.Waiting() > 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// measured is a lane whose pages take so many bytes each.
type measured struct {
	each int
	sent *atomic.Int64
}

func (m *measured) Sync() error { return nil }
func (m *measured) Close()      {}

func (m *measured) Send(b *multifd.Batch) error {
	m.sent.Add(int64(len(b.Pages()) * m.each))
	return nil
}

// A limit is overrun by a packet at most, however many pages lanes could take; zeros, which take next to nothing, go on.
func TestLanesKeepTheLimit(t *testing.T) {
	const pages, packet = 8192, multifd.PacketPages * 4096
	for _, c := range []struct {
		each         int
		limit, least int64
	}{
		{4096, 100 << 10, packet}, {4096, 3 << 20, 3 << 20}, {4096, 1 << 40, pages * 4096}, {10, 1 << 20, pages * 10},
	} {
		var sent atomic.Int64
		sender := multifd.NewSender([]multifd.Carrier{&measured{c.each, &sent}, &measured{c.each, &sent}}, multifd.SenderOptions{})
		s := NewSaver(source(t, pages), &Stats{}, Options{Lanes: sender})
		w := stream.NewWriter(io.Discard)
		if err := s.Start(w, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := s.Iterate(w, func() int64 { return max(c.limit-sent.Load(), 0) }); err != nil {
			t.Fatal(err)
		}
		if err := sender.Drain(); err != nil {
			t.Fatal(err)
		}
		if n := sent.Load(); n < c.least || n > c.limit+packet {
			t.Errorf("%+v: %d bytes were sent", c, n)
		}
		sender.Close()
		s.Close()
	}
}
