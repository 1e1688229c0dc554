package ram

import (
	"io"
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
