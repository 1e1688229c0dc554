package rdma

import (
	"bytes"
	"sync/atomic"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
)

func counters() Counters {
	return Counters{new(atomic.Uint64), new(atomic.Uint64), new(atomic.Uint64)}
}

// begin is the exchange in the body that lists the blocks: one of 3 MiB and one of a page.
func begin(t *testing.T, p *puppet, s *Source, theirs []byte, key uint32) (big, small *memory.Block, done chan error) {
	big, small = block(t, "big", 768), block(t, "small", 1)
	done = make(chan error, 1)
	go func() { done <- s.Begin([]*memory.Block{big, small}) }()
	p.says(ready)
	p.hears("00000000 00000004 00000001 00000000")
	p.says("00000040 00000005 00000001 00000000"+
		"%016x 0000000000000000 0000000000300000 %08x 00000000"+
		"%016x 0000000000400000 0000000000001000 %08x 00000000",
		verbs.Address(theirs), key, verbs.Address(theirs[768*memory.PageSize:]), key)
	p.says(ready)
	p.hears(finished)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return big, small, done
}

// What a source sends where pieces are registered when they are needed.
func TestSourceBytes(t *testing.T) {
	p, c := puppetTarget(t, Config{}, "0000000100000000")
	if c.PinAll() {
		t.Error("all is to be registered")
	}
	count := counters()
	s := c.Source(count)
	defer s.Close()
	theirs := make([]byte, 769*memory.PageSize)
	big, small, done := begin(t, p, s, theirs, 0)

	scribble(big, 300, 1)
	scribble(big, 301, 2)
	scribble(big, 511, 3)
	scribble(small, 0, 4)
	go func() {
		err := s.Pages(big, 0, 256) // a chunk that is zero
		for _, part := range [][2]uint64{{290, 10}, {300, 2}, {302, 300}} {
			if err == nil {
				err = s.Pages(big, part[0], part[1])
			}
		}
		if err == nil {
			err = s.Pages(small, 0, 1)
		}
		if err == nil {
			err = s.Finish(PhaseRound)
		}
		done <- err
	}()
	p.says(ready)
	p.hears("00000018 00000006 00000001 00000000 00000000 00000000 0000000000000000 0000000000100000")
	// The run from 290 goes up to the end of its chunk.
	p.says(ready)
	p.hears("00000018 00000007 00000001 00000000 0000000000122000 00000000 00000000 0000000000000000")
	lent, err := p.ep.Register(theirs[256*memory.PageSize:][:256*memory.PageSize], true)
	if err != nil {
		t.Fatal(err)
	}
	p.says("00000010 00000008 00000001 00000000 %08x 00000000 %016x", lent.Key(), verbs.Address(theirs))
	p.says(ready)
	p.hears("00000018 00000006 00000001 00000000 00000000 00000000 0000000000200000 000000000005a000")
	p.says(ready)
	p.hears("00000018 00000007 00000001 00000000 0000000000400000 00000001 00000000 0000000000000000")
	other, err := p.ep.Register(theirs[768*memory.PageSize:], true)
	if err != nil {
		t.Fatal(err)
	}
	p.says("00000010 00000008 00000001 00000000 %08x 00000000 %016x", other.Key(), verbs.Address(theirs[768*memory.PageSize:]))
	p.says(ready)
	p.hears(finished)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(theirs[:768*memory.PageSize], big.Bytes()) || !bytes.Equal(theirs[768*memory.PageSize:], small.Bytes()) {
		t.Error("the memory differs")
	}
	if n, z, b := count.Normal.Load(), count.Zero.Load(), count.Bytes.Load(); n != 223 || z != 346 || b != 223*memory.PageSize {
		t.Errorf("%d pages, %d zero, %d bytes", n, z, b)
	}

	// The race detector does not see that what goes through a socket comes after this; a registration it sees.
	if _, err := p.ep.Register(theirs, false); err != nil {
		t.Fatal(err)
	}
	// A chunk that is known is written at once, whatever it holds.
	clear(big.Page(300))
	go func() {
		err := s.Pages(big, 300, 1)
		if err == nil {
			err = s.Finish(PhaseRound)
		}
		done <- err
	}()
	p.says(ready)
	p.hears(finished)
	if err := <-done; err != nil || theirs[300*memory.PageSize] != 0 {
		t.Errorf("%v, byte %d", err, theirs[300*memory.PageSize])
	}
}

// Where all is registered at the start nothing is asked any more.
func TestSourceBytesPinned(t *testing.T) {
	p, c := puppetTarget(t, Config{PinAll: true}, "0000000100000001")
	theirs := make([]byte, 769*memory.PageSize)
	lent, err := p.ep.Register(theirs, true)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Source(counters())
	defer s.Close()
	big, small, done := begin(t, p, s, theirs, lent.Key())
	for n := range uint64(768) {
		scribble(big, n, byte(n))
	}
	scribble(small, 0, 9)
	go func() {
		err := s.Pages(big, 0, 768)
		if err == nil {
			err = s.Pages(small, 0, 1)
		}
		if err == nil {
			err = s.Finish(PhaseRound)
		}
		done <- err
	}()
	p.says(ready)
	p.hears(finished)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(theirs[:768*memory.PageSize], big.Bytes()) || !bytes.Equal(theirs[768*memory.PageSize:], small.Bytes()) {
		t.Error("the memory differs")
	}
}

// A destination that does not agree to register everything.
func TestPinAllRefused(t *testing.T) {
	var said string
	_, c := puppetTarget(t, Config{PinAll: true, Report: func(text string) { said = text }}, "0000000100000000")
	if want := "warning: RDMA: Server cannot support pinning all memory. Will register memory dynamically."; said != want || c.PinAll() {
		t.Errorf("%q, %t", said, c.PinAll())
	}
}

// Stream bytes go in messages of 32 KiB at most.
func TestFileBytes(t *testing.T) {
	p, c := puppetTarget(t, Config{}, "0000000100000000")
	done := make(chan error)
	go func() {
		_, err := c.WriteVec([][]byte{{1, 2}, make([]byte, 40000), {3}})
		done <- err
	}()
	for _, n := range []int{32768, 7235} {
		p.says(ready)
		b := p.next()
		if len(b) != 16+n || !bytes.Equal(b[:16], []byte{0, 0, byte(n >> 8), byte(n), 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0}) {
			t.Errorf("%x and %d bytes", b[:16], len(b)-16)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Destinations that are none.
func TestHostileDestinations(t *testing.T) {
	one := []*memory.Block{block(t, "one", 1)}
	for _, c := range []struct {
		says []string // after READY and a message
		want string
	}{
		{[]string{"00000000 00000001 00000001 00000000"},
			"Was expecting a RAM BLOCKS RESULT (5) control message, but got: ERROR (1), length: 0"},
		{[]string{ready}, "Was expecting a RAM BLOCKS RESULT (5) control message, but got: READY (2), length: 0"},
		{[]string{"00000021 00000005 00000001 00000000" + "00" + "0000000000000000 0000000000000000 0000000000001000 00000000 00000000"},
			"a list of RAM blocks of 33 bytes"},
		{[]string{"00000000 00000005 00000001 00000000"}, "ram blocks mismatch (Number of blocks 1 vs 0) " +
			"Your QEMU command line parameters are probably not identical on both the source and destination."},
		{[]string{"00000020 00000005 00000001 00000000 0000000000000000 0000000000000000 0000000000002000 00000000 00000000"},
			"Block one/0 has a different length 4096vs 8192"},
		{[]string{"00000021 00000005 00000001 00000000"}, "Malformed length: 33 byte_len 16"},
		{[]string{"ffff0000 00000005 00000001 00000000"}, "too long length: -65536"},
		{[]string{"00000020 00000005 00000001 00000000 0000000000000000 0000000000000000 0000000000001000 00000000 00000000",
			"00000000 00000001 00000001 00000000"}, "Was expecting a READY (2) control message, but got: ERROR (1), length: 0"},
	} {
		p, conn := puppetTarget(t, Config{}, "0000000100000000")
		done := make(chan error)
		go func() { done <- conn.Source(counters()).Begin(one) }()
		p.says(ready)
		p.next()
		for _, m := range c.says {
			p.says("%s", m)
		}
		if err := <-done; err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

// A destination that lends what is not its own: it refuses the write itself.
func TestRefusedWrite(t *testing.T) {
	p, c := puppetTarget(t, Config{PinAll: true}, "0000000100000001")
	s := c.Source(counters())
	defer s.Close()
	big, _, done := begin(t, p, s, make([]byte, 769*memory.PageSize), 77)
	scribble(big, 0, 1)
	go func() {
		err := s.Pages(big, 0, 1)
		if err == nil {
			err = s.Finish(PhaseRound)
		}
		done <- err
	}()
	const want = "rdma migration: recv polling control error!: the peer refused a write of 4096 bytes with key 0000004d, which is none"
	if err := <-done; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
