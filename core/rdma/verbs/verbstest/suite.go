// Package verbstest is what every provider of verbs must do.
package verbstest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
	"qmpmigrate/core/rdma/verbs"
)

// Home is an address of this machine with any free port.
func Home() channels.InetAddress { return channels.InetAddress{Host: "127.0.0.1", Port: "0"} }

// Few are the limits of Joined.
func Few() verbs.Limits { return verbs.Limits{Sends: 4, Receives: 2} }

// Joined is a connection: a began it.
func Joined(t testing.TB, p verbs.Provider) (a, b verbs.Endpoint) {
	t.Helper()
	l, err := p.Listen(t.Context(), Home())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = p.Open(t.Context(), l.Addr(), Few()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	done := make(chan error)
	go func() {
		theirs, err := a.Connect(t.Context(), []byte("hello"))
		if !bytes.HasPrefix(theirs, []byte("you too")) && err == nil {
			err = errors.New("the answer is " + string(theirs))
		}
		done <- err
	}()
	r, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(r.Private(), []byte("hello")) {
		t.Errorf("%q", r.Private())
	}
	if b, err = r.Endpoint(Few()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if _, err := b.Connect(t.Context(), []byte("you too")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return a, b
}

// Registered is memory that an endpoint knows.
func Registered(t testing.TB, e verbs.Endpoint, size int, remote bool) ([]byte, verbs.Region) {
	t.Helper()
	mem := make([]byte, size)
	r, err := e.Register(mem, remote)
	if err != nil {
		t.Fatal(err)
	}
	return mem, r
}

// Run tests a provider.
func Run(t *testing.T, p verbs.Provider) {
	t.Run("order", func(t *testing.T) { testOrder(t, p) })
	t.Run("ends", func(t *testing.T) { testEnds(t, p) })
	t.Run("rejected", func(t *testing.T) { testRejected(t, p) })
	t.Run("connecting ends", func(t *testing.T) { testConnectEnds(t, p) })
	t.Run("allocations", func(t *testing.T) { testAllocations(t, p) })
}

// done takes the next piece of work that is done.
func done(t testing.TB, e verbs.Endpoint, q verbs.Queue) verbs.Done {
	t.Helper()
	if err := e.Wait(q); err != nil {
		t.Fatal(err)
	}
	d, ok := e.Poll(q)
	if !ok || d.Err != nil {
		t.Fatalf("%+v, %t", d, ok)
	}
	return d
}

// testOrder: a message comes after the writes before it, and lands in the buffer that was posted first.
func testOrder(t *testing.T, p verbs.Provider) {
	a, b := Joined(t, p)
	out, from := Registered(t, a, 1<<20, false)
	in, to := Registered(t, b, 1<<20, true)
	first, one := Registered(t, b, 100, false)
	second, two := Registered(t, b, 100, false)
	for id, r := range []verbs.Region{one, two} {
		if err := b.PostReceive(uint64(id), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.PostReceive(3, one); !errors.Is(err, verbs.ErrFull) {
		t.Errorf("one buffer too many: %v", err)
	}
	for i := range out {
		out[i] = byte(i * 7)
	}
	place := verbs.Place{Address: verbs.Address(in) + 5, Key: to.Key()}
	for _, err := range []error{
		a.PostWrite(10, from, out[3:1000], place),
		a.PostSend(11, from, 50),
		a.PostWrite(12, from, out[:len(in)-5], place),
		a.PostSend(13, from, 0),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := a.PostSend(14, from, 1); !errors.Is(err, verbs.ErrFull) {
		t.Errorf("one message too many: %v", err)
	}
	for _, want := range []uint64{10, 11, 12, 13} {
		if d := done(t, a, verbs.SendQueue); d.ID != want {
			t.Errorf("%+v, want %d", d, want)
		}
	}
	for want, size := range []int{50, 0} {
		if d := done(t, b, verbs.ReceiveQueue); d.ID != uint64(want) || d.Size != size {
			t.Errorf("%+v, want %d with %d bytes", d, want, size)
		}
	}
	if !bytes.Equal(first[:50], out[:50]) || !bytes.Equal(in[5:], out[:len(in)-5]) || second[0] != 0 {
		t.Error("it is not what was sent")
	}
	if _, ok := a.Poll(verbs.SendQueue); ok {
		t.Error("more is done than was begun")
	}
	a.Shut()
	if err := b.Wait(verbs.ReceiveQueue); !errors.Is(err, verbs.ErrGone) || !b.Gone() {
		t.Errorf("after the end: %v", err)
	}
	if err := a.PostSend(1, from, 1); !errors.Is(err, verbs.ErrShut) {
		t.Errorf("a message after the end: %v", err)
	}
	// What is not registered at this end.
	for _, err := range []error{
		a.PostWrite(1, from, make([]byte, 8), verbs.Place{}), a.PostSend(1, from, 1<<20+1), a.PostSend(1, to, 1),
		b.PostReceive(1, from),
	} {
		if err == nil {
			t.Error("memory that is not registered was taken")
		}
	}
	if _, err := a.Register(nil, false); err == nil {
		t.Error("no memory was registered")
	}
	if err := to.Release(); err != nil {
		t.Error(err)
	}
}

// testEnds: whoever waits is freed by either end.
func testEnds(t *testing.T, p verbs.Provider) {
	for name, end := range map[string]struct {
		do   func(a, b verbs.Endpoint)
		want error
	}{
		"own":     {func(a, _ verbs.Endpoint) { a.Shut() }, verbs.ErrShut},
		"peer's":  {func(_, b verbs.Endpoint) { b.Shut() }, verbs.ErrGone},
		"closing": {func(_, b verbs.Endpoint) { b.Close() }, verbs.ErrGone},
	} {
		a, b := Joined(t, p)
		// A buffer that is posted comes back at the end, or it does not.
		_, r := Registered(t, a, 100, false)
		if err := a.PostReceive(1, r); err != nil {
			t.Fatal(err)
		}
		came := make(chan error)
		go func() {
			err := a.Wait(verbs.ReceiveQueue)
			if d, ok := a.Poll(verbs.ReceiveQueue); ok {
				err = d.Err
			}
			came <- err
		}()
		time.Sleep(time.Millisecond) // the moment is not what matters
		end.do(a, b)
		if err := <-came; !errors.Is(err, end.want) {
			t.Errorf("%s: %v", name, err)
		}
		a.Close()
		a.Shut()
		if err := r.Release(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testRejected: who is not wanted hears so, and a listener that is closed or waited for no longer ends waits.
func testRejected(t *testing.T, p verbs.Provider) {
	l, err := p.Listen(t.Context(), Home())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e, err := p.Open(t.Context(), l.Addr(), Few())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	heard := make(chan error)
	go func() {
		_, err := e.Connect(t.Context(), nil)
		heard <- err
	}()
	r, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Reject()
	if err := <-heard; !errors.Is(err, verbs.ErrRejected) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	time.AfterFunc(time.Millisecond, func() { l.Close() })
	if _, err := l.Next(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

// testConnectEnds: a wait for an answer that does not come ends with its context, and by Shut.
func testConnectEnds(t *testing.T, p verbs.Provider) {
	l, err := p.Listen(t.Context(), Home())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, shut := range []bool{false, true} {
		e, err := p.Open(t.Context(), l.Addr(), Few())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		end := cancel
		if shut {
			end = e.Shut
		}
		time.AfterFunc(time.Millisecond, end)
		if _, err := e.Connect(ctx, nil); err == nil {
			t.Error("connected to nobody")
		}
		cancel()
		e.Close()
	}
}

// testAllocations: messages and writes need no memory of their own.
func testAllocations(t *testing.T, p verbs.Provider) {
	a, b := Joined(t, p)
	out, from := Registered(t, a, 4096, false)
	in, to := Registered(t, b, 4096, true)
	_, into := Registered(t, b, 4096, false)
	once := func() {
		for _, err := range []error{b.PostReceive(1, into),
			a.PostWrite(1, from, out, verbs.Place{Address: verbs.Address(in), Key: to.Key()}), a.PostSend(2, from, 10)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		done(t, a, verbs.SendQueue)
		done(t, a, verbs.SendQueue)
		done(t, b, verbs.ReceiveQueue)
	}
	once()
	if n := testing.AllocsPerRun(100, once); n > 0 && !channelstest.RaceDetector {
		t.Errorf("%v allocations", n)
	}
}
