package memtest

import (
	"errors"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/vmstate"
)

// Stress is the workload whose memory proves itself. Every vCPU visits the
// pages of its share of the working set, each once a round, in a random order
// that differs from round to round. A page tells its number, how often it was
// visited and its checksum; Machine.Verify knows what it should tell.
//
// What went wrong with a page stays visible however often it is visited
// afterwards, unless the visit makes it zero.
type Stress struct {
	// Rate is the pace of each vCPU in bytes of pages per second; 0 is as
	// fast as it can. A pace of a few bytes is a page every now and then.
	Rate uint64
	// WorkingSet is how much memory is visited, in bytes from the start of
	// RAM, in whole pages; 0, or more than there is, is all of it.
	WorkingSet uint64
	// Seed draws everything that is random.
	Seed uint64
	// UpdateSize is how many bytes of a page a visit rewrites besides its
	// header: rounded up to 8; 0 or more than a page has is all of them.
	UpdateSize uint16
	// Fill is how many of 100 pages have contents before the first visit.
	Fill uint8
	// ZeroShare is how many of 100 pages are zero nevertheless. After the
	// first visit this is drawn anew at every visit.
	ZeroShare uint8
	// Entropy is how many of 100 bytes of a page that is not zero are
	// incompressible; the others repeat.
	Entropy uint8
}

// DefaultStressRate is slow enough that a migration over a link of 128 MiB/s
// completes as long as there is one vCPU.
const DefaultStressRate = 64 << 20

// NewStress is a stress that fills memory with incompressible pages and
// rewrites them, 64 MiB/s per vCPU.
func NewStress() *Stress {
	return &Stress{Rate: DefaultStressRate, Seed: 1, Fill: 100, Entropy: 100}
}

// Name is "stress".
func (*Stress) Name() string { return "stress" }

func (s *Stress) parse(o *options) {
	o.size("rate", &s.Rate)
	o.size("working-set", &s.WorkingSet)
	o.number("seed", &s.Seed)
	update := uint64(s.UpdateSize)
	o.size("update-size", &update)
	s.UpdateSize = uint16(min(update, memory.PageSize))
	o.percent("fill", &s.Fill)
	o.percent("zero", &s.ZeroShare)
	o.percent("entropy", &s.Entropy)
}

func (s *Stress) check() error {
	for _, o := range []struct {
		name  string
		value uint8
	}{{"fill", s.Fill}, {"zero", s.ZeroShare}, {"entropy", s.Entropy}} {
		if o.value > 100 {
			return errors.New("Parameter '" + o.name + "' expects " + percentRange)
		}
	}
	return nil
}

func (s *Stress) fields() []vmstate.Field {
	return []vmstate.Field{
		vmstate.Uint64("rate", &s.Rate),
		vmstate.Uint64("working_set", &s.WorkingSet),
		vmstate.Uint64("seed", &s.Seed),
		vmstate.Uint16("update_size", &s.UpdateSize),
		vmstate.Uint8("fill", &s.Fill),
		vmstate.Uint8("zero_share", &s.ZeroShare),
		vmstate.Uint8("entropy", &s.Entropy),
	}
}

func (s *Stress) clone() Workload { c := *s; return &c }

func (s *Stress) start(b *board) program {
	pages := b.ram.Pages()
	if s.WorkingSet != 0 {
		pages = min(pages, (s.WorkingSet-1)/memory.PageSize+1)
	}
	update := (uint64(s.UpdateSize) + 7) / 8
	if update == 0 || update > payloadWords {
		update = payloadWords
	}
	p := &stress{
		board:   b,
		options: *s,
		shares:  make([]schedule, b.cpus),
		stamper: stamper{
			keys:   newKeys(),
			seed:   mix(s.Seed),
			noisy:  (payloadWords*uint64(s.Entropy) + 50) / 100,
			update: update,
		},
	}
	for cpu := range p.shares {
		p.shares[cpu] = newSchedule(s.Seed, pages, cpu, b.cpus)
	}
	return p
}
