package rdma

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/rdma/verbs/soft"
)

// A QEMU sends its first message on the way back without waiting for READY, and
// gets none for it; the next one waits. Who says that it waits gets READY at once.
func TestFirstMessageBack(t *testing.T) {
	for _, waits := range []bool{false, true} {
		agrees := "0000000100000000"
		if waits {
			agrees = "0000000180000000"
		}
		l := puppetListener(t)
		came := dials(t, l.Addr(), Config{Back: true})
		takes(t, l, "0000000100000000", "0000000100000000")
		p := takes(t, l, "0000000180000000", agrees)
		c := <-came
		if c == nil {
			t.FailNow()
		}
		if waits {
			go io.ReadFull(c, make([]byte, 2))
			p.hears(ready)
			p.says("00000001 00000003 00000000 00000000 61")
		} else {
			p.says("00000001 00000003 00000000 00000000 61") // before anybody reads
			got := make([]byte, 2)
			done := make(chan error)
			go func() {
				_, err := io.ReadFull(c, got)
				done <- err
			}()
			p.hears(ready) // for the second message
			p.says("00000001 00000003 00000000 00000000 62")
			if err := <-done; err != nil || string(got) != "ab" {
				t.Errorf("%q, %v", got, err)
			}
			if d, ok := p.ep.Poll(verbs.ReceiveQueue); ok {
				t.Errorf("a message that is one too many: %x", p.bufs[d.ID][:d.Size])
			}
		}
	}
}

// A destination of ours agrees to what it knows, on either link, and waits.
func TestAgreesToReadyBack(t *testing.T) {
	l, to := listening(t, func(string) {})
	came := accepts(t, l)
	if _, agrees := asks(t, to, "0000000100000000"); agrees != "0000000100000000" {
		t.Errorf("it agrees to %s", agrees)
	}
	back, agrees := asks(t, to, "00000001c0000002")
	if agrees != "0000000180000000" {
		t.Errorf("it agrees to %s on the way back", agrees)
	}
	c := <-came
	if c == nil {
		t.FailNow()
	}
	go c.Write([]byte("x"))
	time.Sleep(10 * time.Millisecond) // it would have come
	if _, ok := back.ep.Poll(verbs.ReceiveQueue); ok {
		t.Error("it does not wait for READY")
	}
	back.says(ready)
	back.hears("00000001 00000003 00000000 00000000 78")
}

// A destination that does not take the link back, and one that refuses it.
func TestNoWayBack(t *testing.T) {
	for _, refused := range []bool{false, true} {
		wait := 50 * time.Millisecond
		if refused {
			wait = time.Minute
		}
		l := puppetListener(t)
		done := make(chan error)
		go func() {
			_, err := Dial(t.Context(), soft.Provider{}, l.Addr(), Config{Back: true, BackTime: wait})
			done <- err
		}()
		p := takes(t, l, "0000000100000000", "0000000100000000")
		want := "RDMA ERROR: poll cm event timeout: the destination takes no return path"
		if refused {
			r, err := l.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r.Reject()
			want = "RDMA ERROR: connecting to destination!: the connection was rejected"
		}
		if err := <-done; err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
		// The first link ends with it.
		if err := p.ep.Wait(verbs.ReceiveQueue); !errors.Is(err, verbs.ErrGone) {
			t.Errorf("the first link: %v", err)
		}
	}
}

// unreachable is a network on which one link comes about, and then none.
type unreachable struct {
	soft.Provider
	links int
}

func (u *unreachable) Open(ctx context.Context, to channels.InetAddress, limits verbs.Limits) (verbs.Endpoint, error) {
	if u.links++; u.links > 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return u.Provider.Open(ctx, to, limits)
}

// It makes no difference whether the destination does not answer, or is not even reached any more.
func TestNoWayToTheWayBack(t *testing.T) {
	l := puppetListener(t)
	done := make(chan error)
	go func() {
		_, err := Dial(t.Context(), &unreachable{}, l.Addr(), Config{Back: true, BackTime: time.Millisecond})
		done <- err
	}()
	takes(t, l, "0000000100000000", "0000000100000000")
	if err := <-done; !errors.Is(err, errNoBack) {
		t.Error(err)
	}
}

// A source may wait until its destination has hung up both links.
func TestAwait(t *testing.T) {
	src, dst := opened(t, Config{Back: true})
	defer src.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if src.Await(ctx); ctx.Err() == nil {
		t.Error("nobody has hung up")
	}
	done := make(chan struct{})
	go func() {
		src.Await(t.Context())
		close(done)
	}()
	dst.Close()
	<-done
}

// silent is an end whose peer does not hang up, and that cannot see its own end, as libibverbs cannot.
type silent struct{ verbs.Endpoint }

func (silent) Gone() bool { return false }

// Whoever waits for the end of a peer that stays is freed by Shutdown.
func TestAwaitIsFreed(t *testing.T) {
	src, dst := opened(t, Config{})
	defer dst.Close()
	defer src.Close()
	src.main.ep = silent{src.main.ep}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	time.AfterFunc(10*time.Millisecond, func() { src.Shutdown() })
	if src.Await(ctx); ctx.Err() != nil {
		t.Error("it waits on")
	}
}
