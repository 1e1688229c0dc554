package dirtyring

import "time"

// All stands for all vCPUs.
const All = -1

// Limit is how fast a vCPU may dirty memory, and how fast it does, in MiB per second.
type Limit struct {
	VCPU       int
	Most, Rate uint64
}

// maxRate keeps the arithmetic away from its bounds: no vCPU dirties an exbibyte a second.
const maxRate = 1 << 40

// Set limits a vCPU, or All, to so many MiB per second; 0 is no limit. It counts
// pages that are put into the ring, each as a whole: who writes the same pages
// over and over is hardly held up, as hardly anything more has to be sent of them.
func (r *Rings) Set(vcpu int, rate uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.own {
		if vcpu == All || vcpu == i {
			r.own[i] = rate
		}
	}
	r.apply()
}

// Rule limits all vCPUs, whatever was set for them, until it is called with 0.
func (r *Rings) Rule(rate uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ruled = rate
	r.apply()
}

// most is what a vCPU may dirty. Callers hold mu.
func (r *Rings) most(vcpu int) uint64 {
	if r.ruled != 0 {
		return r.ruled
	}
	return r.own[vcpu]
}

// apply tells the vCPUs. Callers hold mu.
func (r *Rings) apply() {
	if r.closed {
		return
	}
	any := false
	for i := range r.own {
		most := r.most(i)
		any = any || most > 0
		r.vcpus.Limit(i, min(most, maxRate)*pagesPerMiB)
	}
	switch {
	case any && !r.limited:
		r.begin()
	case !any && r.limited:
		r.end()
	}
	r.limited = any
}

// InService says whether any vCPU has a limit.
func (r *Rings) InService() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.limited
}

// Limits are those of the vCPUs that have one.
func (r *Rings) Limits() (all []Limit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.own {
		if most := r.most(i); most > 0 {
			all = append(all, Limit{VCPU: i, Most: most, Rate: r.latest[i].rate})
		}
	}
	return all
}

// Times tells what the limits do: for how long a vCPU is held up in the time in
// which it fills its ring once, which is that of the one held up longest, and how
// long it takes besides, on an average over those that dirty memory at all.
func (r *Rings) Times() (held, fill time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for i := range r.latest {
		held = max(held, r.latest[i].wait)
		if r.latest[i].fill > 0 {
			fill += r.latest[i].fill
			n++
		}
	}
	return held, fill / time.Duration(max(n, 1))
}
