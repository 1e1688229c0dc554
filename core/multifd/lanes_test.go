package multifd

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/wire"
)

// piped is a channel between two goroutines.
type piped struct{ net.Conn }

func (p piped) ReadVec(iov [][]byte) (int, error) {
	for _, b := range iov {
		if len(b) > 0 {
			return p.Read(b)
		}
	}
	return 0, nil
}

func (p piped) WriteVec(iov [][]byte) (n int64, err error) {
	for _, b := range iov {
		m, err := p.Write(b)
		if n += int64(m); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p piped) Shutdown() error { return p.Close() }
func (p piped) TwoWay() bool    { return true }
func (p piped) String() string  { return "pipe" }

func pipes(n int) (out, in []channels.Conn) {
	for range n {
		a, b := net.Pipe()
		out, in = append(out, piped{a}), append(in, piped{b})
	}
	return out, in
}

func counters() Counters {
	return Counters{Normal: &atomic.Uint64{}, Zero: &atomic.Uint64{}, Bytes: &atomic.Uint64{}}
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

// Newer versions of a page never lose against older ones, whatever lane they take.
func TestRoundsStayInOrder(t *testing.T) {
	for name, method := range map[string]Method{"none": None(), "zlib": Zlib(), "zstd": Zstd()} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			const pages = 700
			from, to, small := block(t, "ram", pages), block(t, "ram", pages), block(t, "small", 1)
			out, in := pipes(3)
			carriers, err := NewPackets(out, PacketConfig{Method: method, Level: 1, FindZeros: true, Count: counters()})
			if err != nil {
				t.Fatal(err)
			}
			s := NewSender(carriers, SenderOptions{})
			r, err := NewReceiver(in, ReceiverConfig{Method: method, Count: counters()})
			if err != nil {
				t.Fatal(err)
			}
			r.Place(map[string]*memory.Block{"ram": to, "small": small})
			random := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				for n := range uint64(pages) {
					clear(from.Page(n))
					if random.IntN(3) > 0 {
						rand.NewChaCha8([32]byte{byte(random.Uint32())}).Read(from.Page(n)[:200])
					}
				}
				from.Populate(0, pages)
				if err := s.Pages(small, 0, 1); err != nil {
					t.Fatal(err)
				}
				for at := uint64(0); at < pages; {
					n := min(1+random.Uint64N(200), pages-at)
					if err := s.Pages(from, at, n); err != nil {
						t.Fatal(err)
					}
					at += n
				}
				if err := s.Sync(); err != nil {
					t.Fatal(err)
				}
				if err := r.Sync(t.Context()); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(from.Bytes(), to.Bytes()) {
					t.Fatal("memory differs after a sync")
				}
			}
			s.Close()
			r.Close()
			if s.Err() != nil || r.Err() != nil {
				t.Error(s.Err(), r.Err())
			}
		})
	}
}

// A lane that fails frees whoever waits for any.
func TestFailedLaneFreesSender(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ram := block(t, "ram", 4096)
	ram.Populate(0, 4096)
	out, in := pipes(2)
	carriers, _ := NewPackets(out, PacketConfig{Count: counters()})
	failed := make(chan error, 1)
	s := NewSender(carriers, SenderOptions{Failed: func(err error) { failed <- err }})
	in[1].Close() // and nobody reads the other
	for errors.Is(s.Pages(ram, 0, 4096), nil) {
	}
	if err := <-failed; !errors.Is(err, io.ErrClosedPipe) || s.Sync() != err || s.Err() != err {
		t.Errorf("%v, %v", err, s.Err())
	}
	out[0].Shutdown()
	s.Close()
}

// A lane that ends early does not leave its receiver waiting.
func TestLaneThatEnds(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	out, in := pipes(2)
	r, err := NewReceiver(in, ReceiverConfig{Count: counters()})
	if err != nil {
		t.Fatal(err)
	}
	out[1].Close()
	err = r.Sync(t.Context())
	if err == nil || err.Error() != "multifd 1: the channel ended before the other ones" {
		t.Error(err)
	}
	r.Close()
}

func FuzzReceiver(f *testing.F) {
	var b [wire.MultiFDPacketSize]byte
	p := wire.MultiFDPacket{Alloc: 128, Normal: 1, Zero: 1, Block: []byte("ram")}
	p.Put(&b)
	f.Add(append(b[:], make([]byte, 4096)...))
	p = wire.MultiFDPacket{Flags: wire.MultiFDSync}
	p.Put(&b)
	f.Add(append(b[:], b[:]...))
	ram := block(f, "ram", 8)
	f.Fuzz(func(_ *testing.T, in []byte) {
		l := &receiving{conn: source{bytes.NewReader(in)}, receiver: &Receiver{config: ReceiverConfig{Count: counters()}}}
		l.receiver.blocks.Store(&map[string]*memory.Block{"ram": ram})
		for l.next() == nil {
		}
	})
}

type source struct{ *bytes.Reader }

func (s source) ReadVec(iov [][]byte) (n int, err error) {
	for _, b := range iov {
		m, err := s.Read(b)
		if n += m; m < len(b) {
			if n == 0 && err == nil {
				err = io.EOF
			}
			if n > 0 {
				err = nil
			}
			return n, err
		}
	}
	return n, nil
}

func (source) Write([]byte) (int, error)        { return 0, io.ErrClosedPipe }
func (source) WriteVec([][]byte) (int64, error) { return 0, io.ErrClosedPipe }
func (source) Shutdown() error                  { return nil }
func (source) Close() error                     { return nil }
func (source) TwoWay() bool                     { return false }
func (source) String() string                   { return "source" }

type sink struct{ source }

func (sink) WriteVec(iov [][]byte) (n int64, err error) {
	for _, b := range iov {
		n += int64(len(b))
	}
	return n, nil
}

// BenchmarkSend is one page from the migration goroutine to its lane's channel.
func BenchmarkSend(b *testing.B) {
	for _, find := range []bool{false, true} {
		b.Run(map[bool]string{false: "full", true: "looking for zeros"}[find], func(b *testing.B) {
			const pages = 4096
			ram := block(b, "ram", pages)
			rand.NewChaCha8([32]byte{}).Read(ram.Bytes())
			ram.Populate(0, pages)
			carriers, _ := NewPackets([]channels.Conn{sink{}, sink{}}, PacketConfig{FindZeros: find, Count: counters()})
			s := NewSender(carriers, SenderOptions{})
			defer s.Close()
			b.SetBytes(memory.PageSize)
			b.ReportAllocs()
			b.ResetTimer()
			for left := b.N; left > 0; left -= pages {
				s.Pages(ram, 0, uint64(min(left, pages)))
			}
			s.Sync()
		})
	}
}

// BenchmarkReceive is one page from a lane's channel to its place.
func BenchmarkReceive(b *testing.B) {
	ram := block(b, "ram", PacketPages)
	var head [wire.MultiFDPacketSize]byte
	p := wire.MultiFDPacket{Alloc: PacketPages, Normal: PacketPages, Payload: PacketPages * memory.PageSize, Block: []byte("ram")}
	for i := range p.Offsets {
		p.Offsets[i] = uint64(i) * memory.PageSize
	}
	p.Put(&head)
	in := append(head[:], make([]byte, PacketPages*memory.PageSize)...)
	reader := bytes.NewReader(in)
	l := &receiving{conn: source{reader}, receiver: &Receiver{config: ReceiverConfig{Count: counters()}}}
	l.receiver.blocks.Store(&map[string]*memory.Block{"ram": ram})
	b.SetBytes(memory.PageSize)
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= PacketPages {
		reader.Reset(in)
		l.have = 0
		if err := l.next(); err != nil {
			b.Fatal(err)
		}
	}
}

// Once the VM runs lanes only sync: a page that comes is none of its blocks any more.
func TestSealedLanes(t *testing.T) {
	from, to := block(t, "ram", 1), block(t, "ram", 1)
	out, in := pipes(2)
	carriers, err := NewPackets(out, PacketConfig{Method: None(), Count: counters()})
	if err != nil {
		t.Fatal(err)
	}
	s := NewSender(carriers, SenderOptions{})
	defer s.Close()
	r, err := NewReceiver(in, ReceiverConfig{Method: None(), Count: counters()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Place(map[string]*memory.Block{"ram": to})
	r.Seal()
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := r.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	from.Page(0)[0] = 1
	from.Populate(0, 1)
	_ = s.Pages(from, 0, 1)
	_ = s.Sync()
	if err := r.Sync(t.Context()); err == nil {
		t.Error("synced behind a page")
	}
	if err := r.Err(); err == nil || err.Error() != "multifd: unknown ram block ram" {
		t.Error(err)
	}
	if to.Page(0)[0] != 0 {
		t.Error("the page has come")
	}
}
