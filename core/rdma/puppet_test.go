package rdma

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/rdma/verbs/soft"
	"qmpmigrate/core/wire"
)

// puppet is an end that does byte by byte what a test says.
type puppet struct {
	t    testing.TB
	ep   verbs.Endpoint
	bufs [4][]byte
	regs [4]verbs.Region
	out  verbs.Region
	mem  []byte // of out
}

func newPuppet(t testing.TB, ep verbs.Endpoint) *puppet {
	t.Helper()
	p := &puppet{t: t, ep: ep, mem: make([]byte, wire.MaxRDMAMessage)}
	t.Cleanup(ep.Close)
	var err error
	for i := range p.bufs {
		p.bufs[i] = make([]byte, wire.MaxRDMAMessage)
		if p.regs[i], err = ep.Register(p.bufs[i], false); err != nil {
			t.Fatal(err)
		}
		if err := ep.PostReceive(uint64(i), p.regs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if p.out, err = ep.Register(p.mem, false); err != nil {
		t.Fatal(err)
	}
	return p
}

// says sends a message that is given in hex.
func (p *puppet) says(format string, args ...any) {
	p.t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(fmt.Sprintf(format, args...), " ", ""))
	if err != nil {
		p.t.Fatal(err)
	}
	p.sends(b)
}

func (p *puppet) sends(b []byte) {
	p.t.Helper()
	n := copy(p.mem, b)
	if err := p.ep.PostSend(1, p.out, n); err != nil {
		p.t.Fatal(err)
	}
	if _, ok := p.ep.Poll(verbs.SendQueue); !ok {
		p.t.Fatal("a message is not done")
	}
}

// next takes the next message.
func (p *puppet) next() []byte {
	p.t.Helper()
	if err := p.ep.Wait(verbs.ReceiveQueue); err != nil {
		p.t.Fatal(err)
	}
	d, _ := p.ep.Poll(verbs.ReceiveQueue)
	b := bytes.Clone(p.bufs[d.ID][:d.Size])
	if err := p.ep.PostReceive(d.ID, p.regs[d.ID]); err != nil {
		p.t.Fatal(err)
	}
	return b
}

// hears says that the next message is this one.
func (p *puppet) hears(format string, args ...any) {
	p.t.Helper()
	want := strings.ReplaceAll(fmt.Sprintf(format, args...), " ", "")
	if got := hex.EncodeToString(p.next()); got != want {
		p.t.Fatalf("got  %s\nwant %s", got, want)
	}
}

const (
	ready    = "00000000 00000002 00000001 00000000"
	finished = "00000000 00000009 00000001 00000000"
)

// puppetListener is where puppets are destinations.
func puppetListener(t testing.TB) verbs.Listener {
	t.Helper()
	l, err := soft.Provider{}.Listen(t.Context(), channels.InetAddress{Host: "127.0.0.1", Port: "0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// takes takes the next connection, whose source wants something.
func takes(t testing.TB, l verbs.Listener, wants, agrees string) *puppet {
	t.Helper()
	r, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(r.Private()); got != wants {
		t.Errorf("the source says %s, want %s", got, wants)
	}
	ep, err := r.Endpoint(verbs.Limits{Sends: 10, Receives: 10})
	if err != nil {
		t.Fatal(err)
	}
	p := newPuppet(t, ep)
	b, _ := hex.DecodeString(agrees)
	if _, err := ep.Connect(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return p
}

// dials is a source on its way; it is nil if that leads nowhere.
func dials(t testing.TB, to channels.InetAddress, config Config) <-chan *Conn {
	came := make(chan *Conn, 1)
	go func() {
		c, err := Dial(t.Context(), soft.Provider{}, to, config)
		if err != nil {
			t.Error(err)
		} else {
			t.Cleanup(func() { c.Close() })
		}
		came <- c
	}()
	return came
}

// puppetTarget is a destination that is a puppet, and its source.
func puppetTarget(t testing.TB, config Config, agrees string) (*puppet, *Conn) {
	t.Helper()
	l := puppetListener(t)
	came := dials(t, l.Addr(), config)
	wants := "0000000100000000"
	if config.PinAll {
		wants = "0000000100000001"
	}
	p := takes(t, l, wants, agrees)
	c := <-came
	if c == nil {
		t.FailNow()
	}
	return p, c
}

// accepts is a destination that takes the next source; it is nil if none comes.
func accepts(t testing.TB, l *Listener) <-chan *Conn {
	came := make(chan *Conn, 1)
	go func() {
		c, err := l.Accept(t.Context())
		if err != nil {
			t.Error(err)
			close(came)
			return
		}
		t.Cleanup(func() { c.Close() })
		came <- c.(*Conn)
	}()
	return came
}

// asks connects a puppet, which says something, and gives what the destination says.
func asks(t testing.TB, to channels.InetAddress, says string) (p *puppet, agrees string) {
	t.Helper()
	ep, err := soft.Provider{}.Open(t.Context(), to, verbs.Limits{Sends: 600, Receives: 10})
	if err != nil {
		t.Fatal(err)
	}
	p = newPuppet(t, ep)
	b, _ := hex.DecodeString(says)
	theirs, err := ep.Connect(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return p, hex.EncodeToString(theirs)
}

// puppetSource is a source that is a puppet, and its destination.
func puppetSource(t testing.TB, says string) (p *puppet, c *Conn, agrees string) {
	t.Helper()
	l, to := listening(t, func(string) {})
	came := accepts(t, l)
	p, agrees = asks(t, to, says)
	if c = <-came; c == nil {
		t.FailNow()
	}
	return p, c, agrees
}

func block(t testing.TB, name string, pages uint64) *memory.Block {
	t.Helper()
	b, err := memory.New(name, pages*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func scribble(b *memory.Block, page uint64, value byte) {
	for i := range b.Page(page) {
		b.Page(page)[i] = value
	}
	b.MarkWritten(page)
}
