package memtest

import "qmpmigrate/core/memory"

// stress is the stress workload at work.
type stress struct {
	*board
	stamper
	options Stress
	shares  []schedule // of each vCPU
}

func (s *stress) rate() uint64 { return s.options.Rate }

func (s *stress) walker(cpu int, steps uint64) walker {
	if s.shares[cpu].n == 0 {
		return nil
	}
	m := s.shares[cpu].at(steps)
	return &stressor{stress: s, moment: m, mem: s.ram.Bytes(), next: m.order.page(m.done)}
}

// stressor visits the pages of one share.
type stressor struct {
	*stress
	moment
	mem  []byte
	next uint64 // the page of the next visit, within the share
}

func (w *stressor) page() uint64 { return w.first + w.next }

func (w *stressor) step() bool {
	n := w.page()
	if w.visit(pageAt(w.mem, n), n, w.round+1) {
		w.ram.MarkWritten(n)
	}
	w.done++
	if w.done < w.n {
		w.next = w.order.after(w.next)
		return true
	}
	w.round, w.done = w.round+1, 0
	w.order = w.schedule.order(w.round)
	w.next = w.order.page(0)
	return true
}

// visit takes page number n to generation gen, the one after the generation it
// has. It says false, and leaves the page alone, where it sees that the page is
// not what the last visit left: that stays to be found.
func (s *stress) visit(p *page, n, gen uint64) bool {
	wasZero, toZero := s.zeroAt(n, gen-1), s.zeroAt(n, gen)
	switch {
	case !wasZero && !toZero:
		return s.restamp(p, n, gen)
	case wasZero && toZero:
		if p[wordID] != 0 {
			return false
		}
		p[wordID] = 0
	case toZero:
		if _, bad := s.judge(p, n, gen-1); bad {
			return false
		}
		*p = page{}
	default:
		if !p.zero() {
			return false
		}
		s.stamp(p, n, gen)
	}
	return true
}

// zeroAt says whether page n is zero at generation gen.
func (s *stress) zeroAt(n, gen uint64) bool {
	if gen == 0 && !percent(hash(s.seed+1, n), s.options.Fill) {
		return true
	}
	return s.options.ZeroShare > 0 && percent(hash(s.seed+2+n<<8, gen), s.options.ZeroShare)
}

// judge compares page n with what it must be at generation gen.
func (s *stress) judge(p *page, n, gen uint64) (f Finding, bad bool) {
	f = Finding{Page: n, Expected: gen}
	want := s.zeroAt(n, gen)
	if p[wordID] == 0 && p.zero() {
		switch {
		case want:
			return f, false
		case !s.ram.Populated(n):
			f.Kind = Lost
		case gen > 0 && s.zeroAt(n, gen-1):
			f.Kind, f.Found = Stale, gen-1
		default:
			f.Kind = Zeroed
		}
		return f, true
	}
	f.Found = p[wordGen]
	number, ours := s.number(p[wordID])
	switch {
	case !ours || s.keys.sum(p) != p[wordSum]:
		f.Kind = Torn
	case number != n:
		f.Kind, f.Other = Swapped, number
	case f.Found < gen:
		f.Kind = Stale
	case f.Found > gen:
		f.Kind = Ahead
	case want:
		// The right number and generation, but it should be zero: no
		// sequence of visits leads there.
		f.Kind = Torn
	default:
		return f, false
	}
	return f, true
}

func (s *stress) inspector(steps []uint64) inspector {
	moments := make([]moment, len(s.shares))
	var visited uint64
	for cpu := range moments {
		moments[cpu] = s.shares[cpu].at(steps[cpu])
		visited += s.shares[cpu].n
	}
	cpus := uint64(len(moments))
	mem := s.ram.Bytes()
	return inspector{end: s.ram.Size() / memory.PageSize, look: func(n uint64) (Finding, bool) {
		var gen uint64
		if n < visited {
			// The share that n is in: newSchedule's division turned round.
			gen = moments[((n+1)*cpus-1)/visited].generation(n)
		}
		return s.judge(pageAt(mem, n), n, gen)
	}}
}
