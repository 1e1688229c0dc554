package core

import (
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/rdma/verbs/soft"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// A migration can be cancelled at any moment, and the next one arrives.
func TestRDMACancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cancelledAnyTime(t, newReaching(t, false, returnPath), 9, 16<<20, func() (dst *prover, uri string) {
		dst = newReaching(t, true)
		return dst, dst.awaiting(t)
	})
}

// A destination that stops reading is cut off, and the VM goes on at its source.
func TestRDMAYanked(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, err := soft.Provider{}.Listen(t.Context(), channels.InetAddress{Host: "127.0.0.1", Port: "0"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	src := newReaching(t, false)
	uri := "rdma:127.0.0.1:" + l.Addr().Port
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	r, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Endpoint(verbs.Limits{Sends: 4, Receives: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := e.Connect(t.Context(), wire.RDMAPrivate{Version: 1}.Append(nil)); err != nil {
		t.Fatal(err)
	}
	src.reach(t, qapi.MigrationStatusSetup)
	if err := src.YankRegister().Cut(src.YankRegister().List()); err != nil {
		t.Fatal(err)
	}
	src.reach(t, qapi.MigrationStatusFailed)
	if s := src.RunState(); s != qapi.RunStateRunning {
		t.Errorf("the source is %s", s)
	}
	src.Close()
}

// cutter forwards connections to an address, and ends all of them once so many
// bytes came on the first.
type cutter struct {
	net.Listener
	to      string
	after   int64
	working sync.WaitGroup
	mu      sync.Mutex
	conns   []net.Conn
}

func (c *cutter) serve() {
	for first := true; ; first = false {
		near, err := c.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil {
			near.Close()
			continue
		}
		c.mu.Lock()
		c.conns = append(c.conns, near, far)
		c.mu.Unlock()
		c.working.Go(func() {
			if first {
				io.CopyN(far, near, c.after)
				c.cut()
				return
			}
			io.Copy(far, near)
			far.Close()
		})
		c.working.Go(func() { io.Copy(near, far); near.Close() })
	}
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
}

// Wherever the link breaks, both ends say so and the VM goes on at its source.
func TestRDMACut(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	src := newReaching(t, false, returnPath)
	for _, after := range []int64{5, 30, 200, 400, 1000, 70_000, 1 << 20, 5<<20 + 1234} {
		dst := newReaching(t, true)
		to := strings.TrimPrefix(dst.awaiting(t), "rdma:")
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c := &cutter{Listener: l, to: to, after: after}
		c.working.Go(c.serve)
		uri := "rdma:" + l.Addr().String()
		if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		src.reach(t, qapi.MigrationStatusFailed)
		if s := src.RunState(); s != qapi.RunStateRunning {
			t.Fatalf("cut after %d bytes: the source is %s", after, s)
		}
		if src.Migration().Info().ErrorDesc == nil {
			t.Errorf("cut after %d bytes: no reason", after)
		}
		if after > 400 { // before, there was no source yet, or not all of one
			dst.reach(t, qapi.MigrationStatusFailed)
		}
		dst.Close()
		l.Close()
		c.cut()
		c.working.Wait()
	}
	src.Close()
}

// hostile is a source that does what a test says with the memory of an adopting machine.
type hostile struct {
	t    *testing.T
	e    verbs.Endpoint
	in   [4][]byte
	into [4]verbs.Region
	out  []byte
	from verbs.Region
}

func newHostile(t *testing.T, at channels.InetAddress) *hostile {
	t.Helper()
	h := &hostile{t: t, out: make([]byte, wire.MaxRDMAMessage)}
	var err error
	if h.e, err = (soft.Provider{}).Open(t.Context(), at, verbs.Limits{Sends: 100, Receives: 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.e.Close)
	if h.from, err = h.e.Register(h.out, false); err != nil {
		t.Fatal(err)
	}
	for i := range h.in {
		h.in[i] = make([]byte, wire.MaxRDMAMessage)
		if h.into[i], err = h.e.Register(h.in[i], false); err != nil {
			t.Fatal(err)
		}
		h.post(i)
	}
	if _, err := h.e.Connect(t.Context(), wire.RDMAPrivate{Version: 1}.Append(nil)); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hostile) post(i int) {
	if err := h.e.PostReceive(uint64(i), h.into[i]); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hostile) hear() []byte {
	h.t.Helper()
	if err := h.e.Wait(verbs.ReceiveQueue); err != nil {
		h.t.Fatal(err)
	}
	d, _ := h.e.Poll(verbs.ReceiveQueue)
	b := append([]byte(nil), h.in[d.ID][:d.Size]...)
	h.post(int(d.ID))
	return b
}

func (h *hostile) say(b []byte) {
	h.t.Helper()
	if err := h.e.PostSend(0, h.from, copy(h.out, b)); err != nil {
		h.t.Fatal(err)
	}
}

func message(kind wire.RDMAControl, repeat uint32, data []byte) []byte {
	return append(wire.RDMAHeader{Size: uint32(len(data)), Kind: kind, Repeat: repeat}.Append(nil), data...)
}

// What a source must not do ends its migration with the reason, and costs nothing else.
func TestRDMAHostileSources(t *testing.T) {
	start := wire.AppendRAM(head(), 2<<20, wire.RAMMemSize)
	start = wire.AppendRAM(wire.AppendRAMSize(start, "ram", 2<<20), 0, wire.RAMHook)
	// lent is a chunk that the destination lent.
	lent := func(h *hostile) (key uint32, at uint64) {
		h.say(message(wire.RDMARegisterRequest, 1, wire.RDMARegister{}.Append(nil)))
		b := h.hear()
		r, err := wire.ParseRDMARegistered(b[wire.RDMAHeaderSize:])
		if err != nil {
			h.t.Fatal(err)
		}
		h.hear()
		return r.Key, r.Host
	}
	write := func(h *hostile, n int, to verbs.Place) {
		if err := h.e.PostWrite(0, h.from, h.out[:n], to); err != nil {
			h.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		do   func(h *hostile)
		want string
	}{
		"beyond the chunk": {func(h *hostile) {
			key, at := lent(h)
			write(h, 8, verbs.Place{Address: at + 1<<20 - 4, Key: key})
		}, "leads out of the 1048576 bytes"},
		"another key": {func(h *hostile) {
			key, at := lent(h)
			write(h, 8, verbs.Place{Address: at, Key: ^key})
		}, "which is none"},
		"unknown block": {func(h *hostile) {
			h.say(message(wire.RDMARegisterRequest, 1, wire.RDMARegister{Block: 1}.Append(nil)))
		}, "rdma: 'register' bad block index 1 (vs 1)"},
		"wrong length": {func(h *hostile) {
			h.say(message(wire.RDMAFile, 0, nil)[:12])
		}, "Malformed length: 0 byte_len 12"},
		"unknown type": {func(h *hostile) {
			h.say(message(50, 1, nil))
		}, "Unknown control message ??BAD CONTROL VALUE??"},
		"no answer": {func(h *hostile) { h.e.Shut() }, "Connection reset by peer"},
		"stream bytes": {func(h *hostile) {
			h.say(message(wire.RDMAFile, 0, []byte{1}))
		}, "Unknown control message QEMU FILE"},
		"not at all": {func(h *hostile) {
			h.say(message(wire.RDMARegisterFinished, 1, nil))
			h.hear()
			h.say(message(wire.RDMARegisterFinished, 1, nil))
		}, "Was expecting a QEMU FILE (3) control message, but got: REGISTER FINISHED (9), length: 0"},
		"two in one": {func(h *hostile) {
			for range 3 { // the last may come to nobody any more
				_ = h.e.PostSend(0, h.from, copy(h.out, message(wire.RDMARegisterFinished, 1, nil)))
			}
		}, "a message for which no buffer is posted|Was expecting a QEMU FILE (3) control message"},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			m := NewRelay(Config{Incoming: true}, adopt.New())
			defer m.Close()
			if err := m.Migration().SetProperty("x-rdma-provider", "soft"); err != nil {
				t.Fatal(err)
			}
			p := &prover{Machine: m}
			p.awaiting(t)
			in := m.Migration().Info().SocketAddress[0].Inet
			h := newHostile(t, channels.InetAddress{Host: in.Host, Port: in.Port})
			defer h.e.Close()
			h.hear()
			h.say(message(wire.RDMAFile, 0, start))
			h.hear()
			c.do(h)
			p.reach(t, qapi.MigrationStatusFailed)
			got := *m.Migration().Info().ErrorDesc
			if !slices.ContainsFunc(strings.Split(c.want, "|"), func(want string) bool { return strings.Contains(got, want) }) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
