package rdma

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync/atomic"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/wire"
)

// scripted is an end of a connection whose peer says what a script has, however things stand.
type scripted struct {
	script   []byte
	receives []verbs.Done // what Poll gives for each buffer that is posted
	into     [][]byte
	done     []verbs.Done // of sends
	sent     [][]byte
	lent     map[*piece]bool // what the peer may write to
	writes   func(from []byte, to verbs.Place)
	keys     uint32
}

type piece struct {
	of     *scripted
	mem    []byte
	key    uint32
	remote bool
}

func (p *piece) Key() uint32    { return p.key }
func (p *piece) Release() error { delete(p.of.lent, p); return nil }

func (s *scripted) Connect(context.Context, []byte) ([]byte, error) { return nil, nil }
func (s *scripted) Gone() bool                                      { return len(s.script) == 0 }
func (s *scripted) Shut()                                           {}
func (s *scripted) Close()                                          {}
func (s *scripted) String() string                                  { return "a script" }

func (s *scripted) Register(mem []byte, remote bool) (verbs.Region, error) {
	s.keys++
	p := &piece{s, mem, s.keys, remote}
	if remote {
		s.lent[p] = true
	}
	return p, nil
}

func (s *scripted) PostReceive(id uint64, into verbs.Region) error {
	if len(s.receives) == int(slots) {
		return verbs.ErrFull
	}
	s.receives, s.into = append(s.receives, verbs.Done{ID: id}), append(s.into, into.(*piece).mem)
	return nil
}

func (s *scripted) PostSend(id uint64, from verbs.Region, n int) error {
	s.sent = append(s.sent, append([]byte(nil), from.(*piece).mem[:n]...))
	s.done = append(s.done, verbs.Done{ID: id})
	return nil
}

func (s *scripted) PostWrite(id uint64, from verbs.Region, p []byte, to verbs.Place) error {
	if len(s.done) > 2 {
		return verbs.ErrFull
	}
	s.writes(p, to)
	s.done = append(s.done, verbs.Done{ID: id})
	return nil
}

func (s *scripted) Poll(q verbs.Queue) (d verbs.Done, ok bool) {
	if q == verbs.SendQueue {
		if ok = len(s.done) > 0; ok {
			d, s.done = s.done[0], s.done[1:]
		}
		return d, ok
	}
	if len(s.receives) == 0 {
		return d, false
	}
	message, ok := s.next()
	if ok {
		d = s.receives[0]
		d.Size = copy(s.into[0], message)
		s.receives, s.into = s.receives[1:], s.into[1:]
	}
	return d, ok
}

func (s *scripted) Wait(q verbs.Queue) error {
	if q == verbs.SendQueue && len(s.done) > 0 || q == verbs.ReceiveQueue && len(s.receives) > 0 && len(s.script) > 0 {
		return nil
	}
	return verbs.ErrGone
}

// next takes a message out of the script: a length in two bytes, of which the highest bit says that the header's has to fit,
// and so many bytes.
func (s *scripted) next() (message []byte, ok bool) {
	if len(s.script) < 2 {
		s.script = nil
		return nil, false
	}
	n := binary.BigEndian.Uint16(s.script)
	fit := n>>15 != 0
	s.script = s.script[2:]
	length := min(int(n&(1<<15-1)), len(s.script))
	message, s.script = append([]byte(nil), s.script[:length]...), s.script[length:]
	if fit && length >= wire.RDMAHeaderSize {
		binary.BigEndian.PutUint32(message, uint32(length-wire.RDMAHeaderSize))
	}
	return message, true
}

// script writes messages, which are given in hex, as next reads them.
func script(messages ...string) (s []byte) {
	for _, m := range messages {
		b, _ := hex.DecodeString(strings.ReplaceAll(m, " ", ""))
		s = append(binary.BigEndian.AppendUint16(s, uint16(len(b))|1<<15), b...)
	}
	return s
}

func fuzzed(t *testing.T, script []byte, sends, pinAll bool) (*Conn, *scripted) {
	ep := &scripted{script: script, lent: map[*piece]bool{}, writes: func([]byte, verbs.Place) { t.Error("a destination writes") }}
	points := newPoints(nil)
	l, err := newLink(ep, sends, points)
	if err != nil {
		t.Fatal(err)
	}
	c := &Conn{main: l, source: sends, points: points, pinAll: pinAll}
	t.Cleanup(func() { c.Close() })
	return c, ep
}

// FuzzServe: whatever a source asks for, it is lent nothing but what was listed, and once; and its end is told.
func FuzzServe(f *testing.F) {
	const (
		blocks = "00000000 00000004 00000001 00000000"
		lend   = "00000030 00000007 00000002 00000000" +
			"0000000000101000 00000000 00000000 0000000000000001" + "0000000000300000 00000001 00000000 0000000000000000"
		zeros   = "00000018 00000006 00000001 00000000 00000000 00000000 0000000000000000 0000000000100000"
		giveUp  = "00000018 0000000a 00000001 00000000 0000000000000001 00000000 00000000 0000000000000000"
		tooMuch = "00000018 00000006 00000001 00000000" + "00000000 00000001 0000000000300000 ffffffffffffffff"
	)
	f.Add(script(blocks, finished), true)
	f.Add(script(lend, zeros, giveUp, finished), false)
	f.Add(script(blocks, lend, lend, finished), false)
	f.Add(script(lend, giveUp, giveUp), false)
	f.Add(script(blocks, lend, giveUp), true)
	f.Add(script(tooMuch), false)
	f.Fuzz(func(t *testing.T, script []byte, pinAll bool) {
		c, ep := fuzzed(t, script, false, pinAll)
		zero := new(atomic.Uint64)
		tg, _, big, small := target(t, c)
		tg.zero = zero
		err := tg.Serve()
		if err == nil && len(ep.sent) == 0 {
			t.Error("it has finished before it was ready")
		}
		for at, m := range ep.sent {
			h, _, err := wire.ParseRDMAMessage(m, wire.RDMANone)
			if err != nil || at == 0 && h.Kind != wire.RDMAReady {
				t.Errorf("message %d is %x: %v", at, m, err)
			}
		}
		for p := range ep.lent {
			in := false
			for _, b := range []*memory.Block{big, small} {
				at := verbs.Address(p.mem) - verbs.Address(b.Bytes())
				in = in || at < b.Size() && uint64(len(p.mem)) <= b.Size()-at && len(p.mem) > 0
			}
			if !in {
				t.Errorf("%d bytes at %x are lent", len(p.mem), verbs.Address(p.mem))
			}
		}
		if n := chunksOf(big) + chunksOf(small); uint64(len(ep.lent)) > n {
			t.Errorf("%d pieces of %d are lent", len(ep.lent), n)
		}
		if big.Bytes()[0] != 0 || small.Bytes()[0] != 0 {
			t.Error("zeros are something else")
		}
		tg.Close()
		if len(ep.lent) != 0 {
			t.Errorf("%d pieces are still lent", len(ep.lent))
		}
	})
}

// FuzzAnswers: whatever a destination answers, its source sends nothing but pages that it was given, or stops.
func FuzzAnswers(f *testing.F) {
	const (
		blocks = "00000040 00000005 00000001 00000000" + "0000000000001000 0000000000000000 0000000000300000 00000007 00000000" +
			"0000000000400000 0000000000300000 0000000000001000 00000008 00000000"
		lent = "00000010 00000008 00000001 00000000" + "00000009 00000000 0000000000001000"
	)
	f.Add(script(ready, blocks, ready, ready, lent, ready, lent, ready, ready, lent, ready, ready), false)
	f.Add(script(ready, blocks, ready, ready), true)
	f.Add(script(ready, blocks, lent), false)
	f.Add(script(ready, "00000000 00000001 00000001 00000000"), false)
	f.Fuzz(func(t *testing.T, script []byte, pinAll bool) {
		c, ep := fuzzed(t, script, true, pinAll)
		s := c.Source(counters())
		defer s.Close()
		big, small := block(t, "big", 768), block(t, "small", 1)
		scribble(big, 300, 1)
		scribble(big, 511, 2)
		scribble(small, 0, 3)
		ep.writes = func(from []byte, _ verbs.Place) {
			if at := verbs.Address(from) - verbs.Address(big.Bytes()); at < big.Size() && uint64(len(from)) <= big.Size()-at {
				return
			}
			if verbs.Address(from) != verbs.Address(small.Bytes()) || uint64(len(from)) != small.Size() {
				t.Errorf("%d bytes at %x are written", len(from), verbs.Address(from))
			}
		}
		err := s.Begin([]*memory.Block{big, small})
		for _, part := range []struct {
			*memory.Block
			first, count uint64
		}{{big, 0, 256}, {big, 290, 20}, {big, 510, 100}, {small, 0, 1}} {
			if err == nil {
				err = s.Pages(part.Block, part.first, part.count)
			}
		}
		if err == nil {
			err = s.Finish(PhaseFinish)
		}
		if err != nil && (err.Error() == "" || c.main.err == nil) {
			t.Errorf("%q, and the link has %v", err, c.main.err)
		}
		if err == nil && s.under != 0 {
			t.Errorf("%d writes are under way", s.under)
		}
	})
}
