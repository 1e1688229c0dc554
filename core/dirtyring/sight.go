package dirtyring

import "time"

// pagesPerMiB: a page of x86 has 4096 bytes.
const pagesPerMiB = 256

// sight is what was seen of a vCPU.
type sight struct {
	pages uint64        // that it had dirtied
	held  time.Duration // for which limits had kept it waiting
	rate  uint64        // MiB per second, since the look before
	// What a round takes in which the vCPU fills its ring once: the time for
	// which it is held up, and the rest. Zero before it has dirtied anything.
	wait, fill time.Duration
}

// start begins to measure. Callers hold mu.
func (r *Rings) start(now time.Time) {
	r.looked = now
	for i := range r.latest {
		pages, held := r.vcpus.Dirtied(i)
		r.latest[i] = sight{pages: pages, held: held}
	}
}

// measure looks at what each vCPU did since the last look. Callers hold mu.
func (r *Rings) measure(now time.Time) {
	span := now.Sub(r.looked)
	if span <= 0 {
		return
	}
	r.looked = now
	for i := range r.latest {
		pages, held := r.vcpus.Dirtied(i)
		r.latest[i].advance(pages, held, span, r.vcpus.Size())
	}
}

func (s *sight) advance(pages uint64, held, span time.Duration, ring int) {
	more, waited := pages-s.pages, min(held-s.held, span)
	s.pages, s.held = pages, held
	s.rate = uint64(float64(more) / pagesPerMiB / span.Seconds())
	if more == 0 {
		return
	}
	rounds := float64(more) / float64(ring)
	s.wait = time.Duration(float64(waited) / rounds)
	s.fill = time.Duration(float64(span-waited) / rounds)
}
