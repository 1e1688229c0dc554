package memtest

// schedule is which page of its share a vCPU visits when: round after round,
// every page once in each, in an order that is drawn anew for every round.
type schedule struct {
	seed  uint64
	first uint64 // the first page of the share
	n     uint64 // how many pages are in it; 0: the vCPU has nothing to visit
}

// newSchedule is the share of vCPU cpu, one of cpus, of the first pages pages.
func newSchedule(seed, pages uint64, cpu, cpus int) schedule {
	from := pages * uint64(cpu) / uint64(cpus)
	to := pages * uint64(cpu+1) / uint64(cpus)
	return schedule{seed: hash(seed, uint64(cpu)), first: from, n: to - from}
}

func (s *schedule) order(round uint64) order { return newOrder(s.n, hash(s.seed, round)) }

// moment is a schedule after a number of visits.
type moment struct {
	schedule
	order order
	round uint64
	done  uint64 // visits of this round
}

// at is the moment after steps visits.
func (s schedule) at(steps uint64) moment {
	m := moment{schedule: s}
	if s.n > 0 {
		m.round, m.done = steps/s.n, steps%s.n
		m.order = s.order(m.round)
	}
	return m
}

// generation is how often page, one of the share, was visited.
func (m *moment) generation(page uint64) uint64 {
	if m.order.visit(page-m.first) < m.done {
		return m.round + 1
	}
	return m.round
}
