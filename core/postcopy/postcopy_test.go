package postcopy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const page = memory.PageSize

// asked is a source that keeps what it is asked for.
type asked chan string

func (a asked) Request(block string, start uint64, length uint32) error {
	a <- string(wire.AppendPageRequest(nil, block, start, length))
	return nil
}

func (a asked) next(t *testing.T) wire.Message {
	t.Helper()
	b := []byte(<-a)
	h, err := wire.ParseReplyHeader([wire.ReplyHeaderSize]byte(b))
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.ParseMessage(h.Kind, b[wire.ReplyHeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bench is a machine of two blocks, the second of larger host pages.
type bench struct {
	a, b   *memory.Block
	memory *Memory
	cursor ram.Cursor
	stats  ram.Stats
}

const (
	pagesA   = 64
	pagesB   = 16
	hugePage = 4 * page
)

func (b *bench) Block(name string, _ uint64) (*memory.Block, error) {
	if name == "a" {
		return b.a, nil
	}
	return b.b, nil
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{}
	var err error
	if b.a, err = memory.New("a", pagesA*page); err != nil {
		t.Fatal(err)
	}
	if b.b, err = memory.New("b", pagesB*page); err != nil {
		t.Fatal(err)
	}
	b.b.SetHostPage(hugePage)
	for _, block := range []*memory.Block{b.a, b.b} {
		for n := range block.Pages() {
			copy(block.Page(n), filled(0xee))
			block.MarkWritten(n)
		}
	}
	b.memory = New([]*memory.Block{b.a, b.b}, nil)
	t.Cleanup(func() { b.a.Close(); b.b.Close() })
	t.Cleanup(func() {
		if err := b.memory.Close(); err != nil {
			t.Error(err)
		}
	})
	l := ram.NewLoader(b, &b.stats, ram.Options{})
	l.Advise(hugePage|page, false)
	start := wire.AppendRAM(nil, (pagesA+pagesB)*page, wire.RAMMemSize)
	start = wire.AppendRAMSize(start, "a", pagesA*page)
	start = wire.AppendRAMSize(start, "b", pagesB*page)
	start = binary.BigEndian.AppendUint64(start, hugePage)
	start = wire.AppendRAM(start, 0, wire.RAMEOS)
	if err := l.Load(stream.NewReader(bytes.NewReader(start)), wire.RAMVersion); err != nil {
		t.Fatal(err)
	}
	b.cursor = l.Cursor
	return b
}

func (b *bench) discard(t *testing.T, name string, start, length uint64) {
	t.Helper()
	if err := b.memory.Discard(name, start, length); err != nil {
		t.Fatal(err)
	}
}

func filled(with byte) []byte { return bytes.Repeat([]byte{with}, page) }

// record is a page of one byte, over and over.
func record(block string, addr uint64, with byte) []byte {
	kind, body := wire.RAMPage, filled(with)
	if with == 0 {
		kind, body = wire.RAMZero, []byte{0}
	}
	if block == "" {
		return append(wire.AppendRAM(nil, addr, kind|wire.RAMContinue), body...)
	}
	return append(wire.AppendRAMName(nil, addr, kind, block), body...)
}

func (b *bench) load(c *Channel, records ...[]byte) error {
	body := wire.AppendRAM(bytes.Join(records, nil), 0, wire.RAMEOS)
	return c.Load(stream.NewReader(bytes.NewReader(body)), wire.RAMVersion)
}

func holds(t *testing.T, b *memory.Block, n uint64, with byte) {
	t.Helper()
	if !bytes.Equal(b.Page(n), filled(with)) {
		t.Errorf("page %d of %s holds %x", n, b.Name(), b.Page(n)[:8])
	}
}

// What is absent is asked for once, by name only where the block changes, and
// wakes all who wait for it; what is there costs nothing.
func TestWait(t *testing.T) {
	b := newBench(t)
	b.discard(t, "a", 8*page, 8*page)
	b.discard(t, "b", 0, 2*hugePage)
	if got := b.memory.Absent(); got != 8*page+2*hugePage {
		t.Errorf("%d bytes are absent", got)
	}
	source := make(asked, 16)
	if err := b.memory.Listen(source); err != nil {
		t.Fatal(err)
	}
	if !b.a.Wait(0, 0, nil) || !b.a.Wait(16, 0, nil) {
		t.Error("a page that is here is waited for")
	}
	var waiters sync.WaitGroup
	wait := func(block *memory.Block, n uint64) {
		waiters.Go(func() {
			if !block.Wait(n, 0, nil) {
				t.Errorf("page %d of %s did not come", n, block.Name())
			}
		})
	}
	expect := func(block string, start uint64, length uint32) {
		t.Helper()
		if m := source.next(t); m.Block != block || m.Start != start || m.Length != length {
			t.Errorf("asked for %+v", m)
		}
	}
	wait(b.a, 9)
	expect("a", 9*page, page)
	wait(b.a, 9)
	wait(b.a, 10)
	expect("", 10*page, page)
	wait(b.b, 5)
	expect("b", hugePage, hugePage)
	stopped := make(chan struct{})
	close(stopped)
	if b.a.Wait(11, 0, stopped) {
		t.Error("a wait that was stopped says that the page is here")
	}
	expect("a", 11*page, page)
	if b.a.Wait(11, 0, stopped) {
		t.Error("a wait that was stopped says that the page is here")
	}
	c := b.memory.Channel(0, b.cursor, &b.stats)
	if err := b.load(c, record("a", 9*page, 1), record("", 10*page, 0), record("b", 4*page, 2),
		record("", 5*page, 0), record("", 6*page, 3), record("", 7*page, 4)); err != nil {
		t.Fatal(err)
	}
	waiters.Wait()
	if len(source) != 0 {
		t.Errorf("asked for more: %+v", source.next(t))
	}
	holds(t, b.a, 9, 1)
	holds(t, b.a, 10, 0)
	for i, with := range []byte{2, 0, 3, 4} {
		holds(t, b.b, 4+uint64(i), with)
	}
	holds(t, b.a, 7, 0xee)
	if b.stats.Normal.Load() != 4 || b.stats.Zero.Load() != 2 {
		t.Errorf("%d pages and %d zeros", b.stats.Normal.Load(), b.stats.Zero.Load())
	}
}

// What the guest has, and may have written to, stays.
func TestPageThatComesTwice(t *testing.T) {
	b := newBench(t)
	b.discard(t, "a", 0, 2*page)
	c := b.memory.Channel(0, b.cursor, &b.stats)
	if err := b.load(c, record("a", 0, 1), record("", page, 0), record("", 0, 2), record("", page, 2), record("", 5*page, 2)); err != nil {
		t.Fatal(err)
	}
	holds(t, b.a, 0, 1)
	holds(t, b.a, 1, 0)
	holds(t, b.a, 5, 0xee)
	if b.memory.Absent() != 0 {
		t.Error("something is absent")
	}
}

// A source that comes back is asked again for all that did not come, and told
// what did.
func TestConnect(t *testing.T) {
	b := newBench(t)
	b.discard(t, "a", 0, 20*page)
	b.discard(t, "b", hugePage, hugePage)
	first := make(asked, 16)
	if err := b.memory.Listen(first); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var waiters sync.WaitGroup
	for n := range uint64(3) {
		waiters.Go(func() { b.a.Wait(n, 0, stop) })
	}
	for range 3 {
		first.next(t)
	}
	b.memory.Connect(nil)
	c := b.memory.Channel(0, b.cursor, &b.stats)
	if err := b.load(c, record("a", page, 7), record("b", 4*page, 1)); err != nil { // and a part of a host page
		t.Fatal(err)
	}
	c.Reset()
	bits := b.memory.Received("a")
	if want := []byte{2, 0, 0xf0, 0xff, 0xff, 0xff, 0xff, 0xff}; !bytes.Equal(bits, want) {
		t.Errorf("received are % x", bits)
	}
	if bits := b.memory.Received("b"); !bytes.Equal(bits, []byte{0x0f, 0xff}) {
		t.Errorf("received are % x", bits)
	}
	second := make(asked, 16)
	b.memory.Connect(second)
	got := map[uint64]string{}
	for range 2 {
		m := second.next(t)
		got[m.Start] = m.Block
	}
	if len(got) != 2 || got[0]+got[2*page] != "a" {
		t.Errorf("asked for %v", got)
	}
	if err := b.load(c, record("b", 4*page, 1), record("", 5*page, 1), record("", 6*page, 1), record("", 7*page, 1)); err != nil {
		t.Fatal(err)
	}
	holds(t, b.b, 7, 1)
	close(stop)
	waiters.Wait()
}

// The end of everything frees who waits.
func TestCloseEndsWaits(t *testing.T) {
	b := newBench(t)
	b.discard(t, "a", 0, page)
	source := make(asked, 1)
	if err := b.memory.Listen(source); err != nil {
		t.Fatal(err)
	}
	came := make(chan bool)
	go func() { came <- b.a.Wait(0, 0, nil) }()
	source.next(t)
	if err := b.memory.Close(); err != nil {
		t.Fatal(err)
	}
	if <-came {
		t.Error("the page came")
	}
	if b.a.Wait(0, 0, nil) {
		t.Error("and comes later")
	}
}

// broken is a source that cannot be asked.
type broken chan struct{}

func (b broken) Request(string, uint64, uint32) error { close(b); return errors.New("gone") }

// A source that is gone is not asked again, until another takes its place.
func TestSourceThatIsGone(t *testing.T) {
	b := newBench(t)
	b.discard(t, "a", 0, 3*page)
	gone := make(broken)
	if err := b.memory.Listen(gone); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	close(stopped)
	b.a.Wait(0, 0, stopped)
	<-gone
	for {
		b.memory.mu.Lock()
		source := b.memory.source
		b.memory.mu.Unlock()
		if source == nil {
			break
		}
	}
	b.a.Wait(1, 0, stopped) // would panic, were it asked
	next := make(asked, 4)
	b.memory.Connect(next)
	next.next(t)
	next.next(t)
}

func TestWhatCannotBeDiscarded(t *testing.T) {
	b := newBench(t)
	for want, err := range map[string]error{
		"ram_discard_range: Failed to find block 'c'":                                  b.memory.Discard("c", 0, page),
		"ram_block_discard_range: Unaligned start address: 0x1":                        b.memory.Discard("a", 1, page),
		"ram_block_discard_range: Unaligned start address: 0x1000":                     b.memory.Discard("b", page, hugePage),
		"ram_block_discard_range: Unaligned length: 1000":                              b.memory.Discard("b", 0, page),
		"ram_block_discard_range: Overrun block 'a' (0/41000/40000)":                   b.memory.Discard("a", 0, 65*page),
		"ram_block_discard_range: Overrun block 'a' (18446744073709547520/2000/40000)": b.memory.Discard("a", ^uint64(0)-4095, 2*page),
		"ram_block_discard_range: Overrun block 'a' (4096/fffffffffffff000/40000)":     b.memory.Discard("a", page, ^uint64(0)-4095),
		"ram_block_discard_range: Overrun block 'a' (266240/0/40000)":                  b.memory.Discard("a", 65*page, 0),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if b.memory.Absent() != 0 {
		t.Error("something was discarded")
	}
}

func TestRecordsThatAreWrong(t *testing.T) {
	for want, records := range map[string][]byte{
		"Ack, bad migration stream!":                                    record("", 0, 1),
		"Can't find block c":                                            record("c", 0, 1),
		"Illegal RAM offset 40000":                                      record("a", pagesA*page, 1),
		"Found a zero page with value 3":                                append(wire.AppendRAMName(nil, 0, wire.RAMZero, "a"), 3),
		"Input/output error: unexpected EOF":                            record("a", 0, 1)[:100],
		"Non-same host page detected":                                   append(record("b", 0, 1), record("", hugePage, 1)...),
		"Non-same host page detected on chann":                          append(record("b", 0, 1), append(record("a", 0, 1), record("b", hugePage, 1)...)...),
		"Unknown combination of migration flags: 0x4 (postcopy mode)":   wire.AppendRAM(nil, page, wire.RAMMemSize),
		"Unknown combination of migration flags: 0x200 (postcopy mode)": wire.AppendRAM(nil, 0, wire.RAMMultiFDFlush),
		"Unknown combination of migration flags: 0x40 (postcopy mode)":  wire.AppendRAM(nil, 0, wire.RAMXBZRLE),
		"Unknown combination of migration flags: 0x30 (postcopy mode)":  wire.AppendRAM(nil, 0, wire.RAMEOS|wire.RAMContinue),
	} {
		b := newBench(t)
		c := b.memory.Channel(0, b.cursor.Fresh(), &b.stats)
		err := c.Load(stream.NewReader(bytes.NewReader(records)), wire.RAMVersion)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
