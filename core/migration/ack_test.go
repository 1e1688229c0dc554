package migration

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// piped is a channel whose waits are virtual.
type piped struct{ net.Conn }

func (piped) TwoWay() bool      { return true }
func (piped) String() string    { return "pipe" }
func (p piped) Shutdown() error { return p.Close() }

func (p piped) ReadVec(iov [][]byte) (int, error) { return p.Read(iov[0]) }

func (p piped) WriteVec(iov [][]byte) (n int64, err error) {
	for _, b := range iov {
		m, err := p.Write(b)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// heap is a guest that is nothing but memory.
type heap struct{ blocks []*memory.Block }

func (h *heap) Blocks() []*memory.Block  { return h.blocks }
func (h *heap) Devices() []savevm.Device { return nil }
func (h *heap) Start() error             { return nil }
func (h *heap) Stop()                    {}
func (h *heap) Close() error             { return h.blocks[0].Close() }

// ackWait begins a migration with switchover-ack in virtual time to a
// destination that takes everything and says nothing by itself.
func ackWait(t *testing.T, state qapi.RunState) (o *outgoing, h *still, there net.Conn) {
	t.Helper()
	block, err := memory.New("ram", 16*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	g := &heap{blocks: []*memory.Block{block}}
	t.Cleanup(func() { g.Close() })
	m, h := newStill()
	h.state, h.machine = state, guest.Native(g, savevm.Configuration{Machine: "heap-1.0"})
	enable(t, m, "return-path switchover-ack")
	if o, err = m.newOutgoing(channels.Address{Transport: channels.TransportSocket}); err != nil {
		t.Fatal(err)
	}
	here, there := net.Pipe()
	o.advance(states.SourceStart)
	o.connected(piped{here})
	go func() { _, _ = io.Copy(io.Discard, there) }()
	go o.run(piped{here})
	return o, h, there
}

func reply(t *testing.T, to io.Writer, kind wire.Reply, payload ...byte) {
	t.Helper()
	if _, err := to.Write(wire.AppendReply(nil, kind, payload)); err != nil {
		t.Fatal(err)
	}
}

func ended(t *testing.T, o *outgoing, want qapi.MigrationStatus) {
	t.Helper()
	<-o.done
	if s, err := o.state(); s != want {
		t.Errorf("%s, %v", s, err)
	}
}

// Until the ack a source goes round at the pace of its measure and no faster,
// and stops the VM as soon as it came.
func TestAckIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _, there := ackWait(t, qapi.RunStateRunning)
		const span = 10 * time.Second
		time.Sleep(span + rate.WindowLength/2) // virtual
		if s, _ := o.state(); s != qapi.MigrationStatusActive {
			t.Fatalf("without an ack the source is %s", s)
		}
		if n := o.stats.Syncs.Load(); n < uint64(span/rate.WindowLength) || n > uint64(span/rate.WindowLength)+3 {
			t.Errorf("%d passes in %s", n, span)
		}
		began := time.Now()
		reply(t, there, wire.ReplySwitchoverAck)
		reply(t, there, wire.ReplySwitchoverAck) // once more does no harm
		synctest.Wait()
		if s, _ := o.state(); s != qapi.MigrationStatusDevice {
			t.Errorf("after the ack the source is %s", s)
		}
		reply(t, there, wire.ReplyShut, 0, 0, 0, 0)
		ended(t, o, qapi.MigrationStatusCompleted)
		if took := time.Since(began); took > 0 {
			t.Errorf("the switchover came %s after the ack", took)
		}
		there.Close()
	})
}

// A VM that is stopped waits for nothing, be it so from the start or not.
func TestStoppedNeedsNoAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _, there := ackWait(t, qapi.RunStatePaused)
		synctest.Wait()
		if s, _ := o.state(); s != qapi.MigrationStatusDevice {
			t.Errorf("the source is %s", s)
		}
		reply(t, there, wire.ReplyPong, 0, 0, 0, 1)
		reply(t, there, wire.ReplyShut, 0, 0, 0, 0)
		ended(t, o, qapi.MigrationStatusCompleted)
		there.Close()
	})
}

// A destination that has its last word too early, or an error, or hangs up.
func TestEndsWithoutAnAck(t *testing.T) {
	for _, c := range []struct {
		what string
		do   func(t *testing.T, o *outgoing, there net.Conn)
		want qapi.MigrationStatus
	}{
		{"cancel", func(_ *testing.T, o *outgoing, _ net.Conn) { o.end(states.SourceCancel) }, qapi.MigrationStatusCancelled},
		{"yank", func(_ *testing.T, o *outgoing, _ net.Conn) { o.yank() }, qapi.MigrationStatusFailed},
		{"hang up", func(_ *testing.T, _ *outgoing, there net.Conn) { there.Close() }, qapi.MigrationStatusFailed},
		{"error", func(t *testing.T, _ *outgoing, there net.Conn) { reply(t, there, wire.ReplyShut, 0, 0, 0, 9) },
			qapi.MigrationStatusFailed},
		{"last word, then cancel", func(t *testing.T, o *outgoing, there net.Conn) {
			reply(t, there, wire.ReplyShut, 0, 0, 0, 0)
			time.Sleep(time.Second)
			if s, _ := o.state(); s != qapi.MigrationStatusActive {
				t.Errorf("the source is %s", s)
			}
			o.end(states.SourceCancel)
		}, qapi.MigrationStatusCancelled},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, _, there := ackWait(t, qapi.RunStateRunning)
				time.Sleep(time.Second)
				c.do(t, o, there)
				ended(t, o, c.want)
				there.Close()
			})
		})
	}
}

// What a source does with each message that may come.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		m    wire.Message
		last bool
		want string
	}{
		{wire.Message{Kind: wire.ReplyPong, Value: 1}, false, ""},
		{wire.Message{Kind: wire.ReplyResumeAck, Value: 1}, false, ""},
		{wire.Message{Kind: wire.ReplySwitchoverAck}, false, ""},
		{wire.Message{Kind: wire.ReplyShut}, true, ""},
		{wire.Message{Kind: wire.ReplyShut, Value: 1}, true, "Sibling indicated error 1"},
		{wire.Message{Kind: wire.ReplyShut, Value: 1 << 31}, true, "Sibling indicated error -2147483648"},
		{wire.Message{Kind: wire.ReplyResumeAck, Value: 2}, false, "illegal resume_ack value 2"},
		{wire.Message{Kind: wire.ReplyRecvBitmap, Block: "x"}, false, "Reload bitmap in incorrect state active"},
		{wire.Message{Kind: wire.ReplyReqPages}, false, "Received 'REQ_PAGES' message (0x0004) outside of postcopy"},
	} {
		r := newReplies()
		r.ask = (&outgoing{status: qapi.MigrationStatusActive}).asker(nil)
		last, err := r.take(c.m)
		said(t, c.m.Kind.String(), err, c.want)
		if last != c.last {
			t.Errorf("%s: last is %v", c.m.Kind, last)
		}
	}
}

// Whatever comes, in whatever pieces, the reader ends with it.
func FuzzReplies(f *testing.F) {
	f.Add([]byte("\x00\x02\x00\x04\x00\x00\x00\x01\x00\x07\x00\x00\x00\x01\x00\x04\x00\x00\x00\x00"), uint8(1))
	f.Add([]byte("\x00\x07\x00\x00\x00\x07\x00\x00\x00"), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		r := newReplies()
		r.ask = (&outgoing{status: qapi.MigrationStatusActive}).asker(nil)
		err := r.read(bufio.NewReaderSize(iotest.OneByteReader(bytes.NewReader(b)), int(size)))
		if err == nil && !bytes.Contains(b, []byte("\x00\x01\x00\x04\x00\x00\x00\x00")) {
			t.Error("an end without a last word")
		}
	})
}
