package soft

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/rdma/verbs/verbstest"
)

func TestProvider(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	verbstest.Run(t, Provider{})
}

func joined(t testing.TB) (a, b verbs.Endpoint) { return verbstest.Joined(t, Provider{}) }

func registered(t testing.TB, e verbs.Endpoint, size int, remote bool) ([]byte, verbs.Region) {
	return verbstest.Registered(t, e, size, remote)
}

// Work that must not be done ends the connection, and who asked for it hears why.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(a verbs.Endpoint, from verbs.Region, out []byte, mem []byte, key uint32) error
		want string
	}{
		"unknown key": {func(a verbs.Endpoint, from verbs.Region, out, mem []byte, key uint32) error {
			return a.PostWrite(1, from, out[:8], verbs.Place{Address: verbs.Address(mem), Key: key + 1})
		}, "which is none"},
		"one byte too many": {func(a verbs.Endpoint, from verbs.Region, out, mem []byte, key uint32) error {
			return a.PostWrite(1, from, out[:8], verbs.Place{Address: verbs.Address(mem) + 4096 - 7, Key: key})
		}, "leads out of"},
		"before": {func(a verbs.Endpoint, from verbs.Region, out, mem []byte, key uint32) error {
			return a.PostWrite(1, from, out[:8], verbs.Place{Address: verbs.Address(mem) - 1, Key: key})
		}, "leads out of"},
		"around": {func(a verbs.Endpoint, from verbs.Region, out, mem []byte, key uint32) error {
			return a.PostWrite(1, from, out[:8], verbs.Place{Address: 1<<64 - 4, Key: key})
		}, "leads out of"},
		"no buffer": {func(a verbs.Endpoint, from verbs.Region, _, _ []byte, _ uint32) error {
			return a.PostSend(1, from, 8)
		}, "a message for which no buffer is posted"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := joined(t)
			out, from := registered(t, a, 8192, false)
			mem, lent := registered(t, b, 4096, true)
			if err := c.do(a, from, out, mem, lent.Key()); err != nil {
				t.Fatal(err)
			}
			if err := b.Wait(verbs.ReceiveQueue); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("here: %v", err)
			}
			a.Poll(verbs.SendQueue)
			if err := a.Wait(verbs.SendQueue); err == nil || !strings.HasPrefix(err.Error(), "the peer refused ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("there: %v", err)
			}
		})
	}
	a, b := joined(t)
	out, from := registered(t, a, 8192, false)
	mem, kept := registered(t, b, 4096, false) // its own
	if err := a.PostWrite(1, from, out[:8], verbs.Place{Address: verbs.Address(mem), Key: kept.Key()}); err != nil {
		t.Fatal(err)
	}
	if err := b.Wait(verbs.ReceiveQueue); err == nil || !strings.Contains(err.Error(), "which is none") {
		t.Error(err)
	}
	a, b = joined(t)
	_, from = registered(t, a, 8192, false)
	_, small := registered(t, b, 100, false)
	if err := errors.Join(b.PostReceive(1, small), a.PostSend(1, from, 101)); err != nil {
		t.Fatal(err)
	}
	if err := b.Wait(verbs.ReceiveQueue); err == nil || err.Error() != "a message of 101 bytes for a buffer of 100" {
		t.Error(err)
	}
	// What is not registered at this end.
	if err := a.PostWrite(1, from, make([]byte, 8), verbs.Place{}); err != errForeign {
		t.Error(err)
	}
	if err := a.PostSend(1, from, 8193); err != errForeign {
		t.Error(err)
	}
}

// Memory whose registration has ended is the owner's, whatever is under way.
func TestRelease(t *testing.T) {
	a, b := joined(t)
	out, from := registered(t, a, 4096, false)
	mem, lent := registered(t, b, 4096, true)
	if err := lent.Release(); err != nil {
		t.Fatal(err)
	}
	out[0] = 1
	if err := a.PostWrite(1, from, out, verbs.Place{Address: verbs.Address(mem), Key: lent.Key()}); err != nil {
		t.Fatal(err)
	}
	if err := b.Wait(verbs.ReceiveQueue); err == nil || mem[0] != 0 {
		t.Errorf("%v, %d", err, mem[0])
	}
}

// Who says nothing, or something else, holds up nobody.
func TestStrangers(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, err := Provider{}.Listen(t.Context(), verbstest.Home())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := net.JoinHostPort(l.Addr().Host, l.Addr().Port)
	for _, says := range []string{"", "GET / HTTP/1.0\r\n\r\n", helloMagic, helloMagic + "\x01\x00", helloMagic + "\x00\xff" + strings.Repeat("x", 255)} {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write([]byte(says))
	}
	e, err := Provider{}.Open(t.Context(), l.Addr(), verbstest.Few())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	done := make(chan error)
	go func() {
		_, err := e.Connect(t.Context(), nil)
		done <- err
	}()
	r, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Reject()
	if err := <-done; err != verbs.ErrRejected {
		t.Error(err)
	}
}

// A wait for an answer that does not come ends with its context.
func TestConnectEnds(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	e, err := Provider{}.Open(t.Context(), channels.InetAddress{Host: "127.0.0.1", Port: port}, verbstest.Few())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := e.Connect(ctx, nil); err == nil {
		t.Error("connected to nobody")
	}
}

// FuzzFrames: whatever a peer sends, nothing lands outside of what was lent, and the reader ends.
func FuzzFrames(f *testing.F) {
	frame := func(h head, p string) []byte {
		var b [headSize]byte
		h.put(&b)
		return append(b[:], p...)
	}
	f.Add(frame(head{kind: kindSend, size: 3}, "abc"))
	f.Add(frame(head{kindWrite, 3, 1, 0}, "abc"))
	f.Add(frame(head{kind: kindBad, size: 3}, "abc"))
	f.Add(frame(head{kind: 9}, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		near, far := net.Pipe()
		e := newEndpoint(pipe{near}, verbstest.Few(), false)
		whole := make([]byte, 256)
		lent := &region{of: &e.memory, mem: whole[64:128], key: 1, remote: true}
		e.memory.regions[1] = lent
		e.receives = []receive{{1, whole[160:168]}}
		if h := (*[headSize]byte)(nil); len(b) >= headSize {
			// Most addresses are nowhere: an offset from what is lent is more telling.
			h = (*[headSize]byte)(b[:headSize])
			if parsed, err := parseHead(h); err == nil && parsed.kind == kindWrite {
				parsed.address += verbs.Address(lent.mem)
				parsed.put(h)
			}
		}
		go func() {
			far.Write(b)
			far.Close()
		}()
		e.read()
		near.Close()
		for i, v := range whole {
			if v != 0 && (i < 64 || i >= 128) && (i < 160 || i >= 168) {
				t.Fatalf("byte %d was written", i)
			}
		}
		if e.queues[0].broken() == nil {
			t.Fatal("no reason")
		}
	})
}

// FuzzHello: what is taken for a hello is one that says the same again, and no more of what comes is read.
func FuzzHello(f *testing.F) {
	for _, says := range []string{"", helloMagic, helloMagic + "\x00\x00", helloMagic + "\x00\x02abc", helloMagic + "\x01\x01a", helloMagic + "\x00\xff"} {
		f.Add([]byte(says))
	}
	f.Fuzz(func(t *testing.T, says []byte) {
		r := bytes.NewReader(says)
		private, err := hearHello(r)
		if err != nil {
			if len(private) > 0 || err.Error() == "" {
				t.Errorf("%x with %v", private, err)
			}
			return
		}
		var again bytes.Buffer
		if err := sayHello(&again, wants, private); err != nil || len(private) > verbs.MaxPrivate {
			t.Errorf("%x: %v", private, err)
		}
		if !bytes.Equal(again.Bytes(), says[:len(says)-r.Len()]) {
			t.Errorf("%x was heard of %x", again.Bytes(), says)
		}
	})
}

// pipe is a channel in memory.
type pipe struct{ net.Conn }

func (p pipe) ReadVec(iov [][]byte) (int, error) { return p.Read(iov[0]) }
func (p pipe) WriteVec(iov [][]byte) (n int64, err error) {
	// Nobody hears a refusal.
	return 0, errors.New("nobody is there")
}
func (p pipe) Shutdown() error { return p.Close() }
func (p pipe) TwoWay() bool    { return true }
func (p pipe) String() string  { return "pipe" }
