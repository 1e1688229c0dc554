package memtest

import (
	"context"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/vmstate"
)

// DefaultSweepRate is the pace of a sweep unless it is told otherwise, in
// bytes of pages per second. It goes over its 99 MiB about eighty times a
// second, with a B every three quarters of a second. That is far too fast for
// a link of 128 MiB/s and 300 ms of downtime, and takes a few percent of one core.
const DefaultSweepRate = 8 << 30

// Sweep is the usual test guest of migration tests. vCPU 0 writes an A to the
// serial port, zeroes byte 0 of every page from 1 MiB to 100 MiB (or to the
// end of a smaller RAM), then increments byte 0 of each of these pages in
// ascending order, round after round, with a B after every 64 rounds. The
// other vCPUs halt.
type Sweep struct {
	// Rate is the pace in bytes of pages per second; 0 is as fast as it can.
	Rate uint64
	// Suspend makes the guest suspend itself to RAM after a B, unless the
	// 32-bit word at SuspendedAt is 1; the guest makes it 1 then. Woken up it
	// starts anew, and as memory is still there it sleeps only once.
	Suspend bool
}

// NewSweep is a sweep at its default pace.
func NewSweep() *Sweep { return &Sweep{Rate: DefaultSweepRate} }

const (
	sweepFrom = 1 << 20 / memory.PageSize
	sweepTo   = 100 << 20 / memory.PageSize
	// sweepRounds is how many rounds there are between two Bs.
	sweepRounds = 64
)

// Name is "sweep".
func (*Sweep) Name() string { return "sweep" }

func (s *Sweep) parse(o *options) {
	o.size("rate", &s.Rate)
	o.boolean("suspend", &s.Suspend)
}

func (s *Sweep) check() error { return nil }

func (s *Sweep) fields() []vmstate.Field {
	return []vmstate.Field{vmstate.Uint64("rate", &s.Rate), vmstate.Bool("suspend", &s.Suspend)}
}

func (s *Sweep) clone() Workload { c := *s; return &c }

func (s *Sweep) start(b *board) program {
	p := &sweep{board: b, pace: s.Rate, suspend: s.Suspend}
	if end := min(sweepTo, b.ram.Pages()); end > sweepFrom {
		p.pages = end - sweepFrom
	}
	return p
}

type sweep struct {
	*board
	pace    uint64
	pages   uint64 // how many are swept
	suspend bool
}

func (s *sweep) boot(context.Context) error { return nil }
func (s *sweep) rate() uint64               { return s.pace }

func (s *sweep) walker(cpu int, steps uint64) walker {
	if cpu != 0 || s.pages == 0 {
		return nil
	}
	return &sweeper{sweep: s, pass: steps / s.pages, next: steps % s.pages}
}

// sweeper goes over the pages: pass 0 zeroes, pass 1 is the first round.
type sweeper struct {
	*sweep
	pass, next uint64
	told       bool // that the guest wants to sleep
}

// page is also where the guest notes that it has slept: it does that before
// the first page of a pass.
func (w *sweeper) page() uint64 { return sweepFrom + w.next }

func (w *sweeper) step() bool {
	if w.power.asleep.Load() {
		w.sleep()
		return false
	}
	if w.next == 0 && !w.announce() {
		return false
	}
	n := w.page()
	b := &w.ram.Bytes()[n*memory.PageSize]
	if w.pass == 0 {
		*b = 0
	} else {
		*b++
	}
	w.ram.MarkWritten(n)
	if w.next++; w.next == w.pages {
		w.pass, w.next = w.pass+1, 0
	}
	return true
}

// announce writes what is due before the first page of a pass.
func (w *sweeper) announce() bool {
	switch {
	case w.pass == 0:
		return w.serial.put('A')
	case w.pass > 1 && (w.pass-1)%sweepRounds == 0:
		return w.serial.put('B') && !w.doze()
	}
	return true
}

// inspector knows only byte 0: whoever tests writes to other bytes.
func (s *sweep) inspector(steps []uint64) inspector {
	if s.pages == 0 {
		return inspector{}
	}
	pass, done := steps[0]/s.pages, steps[0]%s.pages
	in := inspector{first: sweepFrom, end: sweepFrom + s.pages}
	if pass == 0 {
		// What is not zeroed yet may hold anything.
		in.end, pass, done = in.first+done, 1, 0
	}
	in.look = func(n uint64) (Finding, bool) {
		want := pass - 1
		if n-sweepFrom < done {
			want++
		}
		got := s.ram.Bytes()[n*memory.PageSize]
		if got == byte(want) {
			return Finding{}, false
		}
		f := Finding{Page: n, Expected: want & 0xff, Found: uint64(got), Kind: Stale}
		switch {
		case !s.ram.Populated(n):
			f.Kind = Lost
		case byte(want)-got >= 0x80:
			f.Kind = Ahead
		}
		return f, true
	}
	return in
}
