package migration

import (
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
)

// How long a destination takes from the last byte to the start of the VM is
// downtime, too, of which QEMU's source knows nothing. A source whose machine
// only an end of our own can load asks for it, at once and in each window; how long
// the answer takes tells what is still on the way.

// estimates says whether the destination may be asked.
func (o *outgoing) estimates(machine guest.Machine) bool {
	return o.replies != nil && !o.replies.mute && guest.IsNative(machine)
}

// ask is called when all that was sent before is flushed.
func (s *sending) ask(r *replies, now time.Time) {
	if !s.asks || !r.asking(now) {
		return
	}
	s.Command(wire.CmdEstimate, nil)
	_ = s.w.Flush() // its error stays
}

// asking takes note of a question; false while one is open.
func (r *replies) asking(now time.Time) bool {
	r.heardMu.Lock()
	defer r.heardMu.Unlock()
	if !r.asked.IsZero() {
		return false
	}
	r.asked = now
	return true
}

// estimated takes the answer.
func (r *replies) estimated(d time.Duration, now time.Time) bool {
	r.heardMu.Lock()
	defer r.heardMu.Unlock()
	if r.asked.IsZero() {
		return false
	}
	// Of the last two delays the shorter one counts: no vCPU is in the way once the VM stands.
	last := now.Sub(r.asked)
	if r.before == 0 {
		r.before = last
	}
	r.remote, r.delay, r.before, r.asked = d, min(last, r.before), last, time.Time{}
	return true
}

// rest is the part of the downtime that is the destination's, as far as it is known.
func (r *replies) rest() time.Duration {
	if r == nil {
		return 0
	}
	r.heardMu.Lock()
	defer r.heardMu.Unlock()
	return r.remote + r.delay
}

// loadEstimate is a destination's.
func loadEstimate(live []savevm.Live, devices []savevm.Device) (d time.Duration) {
	for _, l := range live {
		if e, ok := l.Target.(savevm.Estimating); ok {
			d += e.LoadEstimate()
		}
	}
	for _, v := range devices {
		if e, ok := v.State.(savevm.Estimating); ok {
			d += e.LoadEstimate()
		}
	}
	return d
}
