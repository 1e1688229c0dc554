package cmdline

import (
	"fmt"

	"qmpmigrate/core/machinetype"
)

// SMP is -smp: how many CPUs and how they are arranged. All numbers are at least 1.
type SMP struct {
	CPUs    uint64 // at start
	MaxCPUs uint64 // the product of the others

	Sockets, Dies, Modules, Cores, Threads uint64
}

// countLimit is where counts stop growing, so that their product cannot wrap.
const countLimit = 1 << 31

// unknownCPUs bounds the CPUs of a machine that will be refused anyway.
const unknownCPUs = 255

// resolveSMP completes and checks the topology.
func (r *run) resolveSMP(t *tree) error {
	s := SMP{CPUs: 1, MaxCPUs: 1, Sockets: 1, Dies: 1, Modules: 1, Cores: 1, Threads: 1}
	if t != nil {
		var err error
		if s, err = readSMP(t); err != nil {
			return err
		}
		if err := s.complete(r.cfg.Machine.Type); err != nil {
			return err
		}
	}
	r.cfg.SMP = s
	return nil
}

// readSMP reads what was said; 0 stands for the rest.
func readSMP(t *tree) (s SMP, err error) {
	for _, f := range []struct {
		name  string
		field *uint64
	}{
		{"cpus", &s.CPUs}, {"drawers", nil}, {"books", nil}, {"sockets", &s.Sockets}, {"dies", &s.Dies},
		{"clusters", nil}, {"modules", &s.Modules}, {"cores", &s.Cores}, {"threads", &s.Threads},
		{"maxcpus", &s.MaxCPUs},
	} {
		n, ok := t.int(f.name)
		switch {
		case !ok:
		case n == 0 && err == nil:
			err = fail("Invalid CPU topology: CPU topology parameters must be greater than zero")
		case f.field == nil && n != 1 && err == nil:
			err = fail("%s > 1 not supported by this machine's CPU topology", f.name)
		case f.field != nil:
			*f.field = min(uint64(n), countLimit)
		}
	}
	if bad := t.finish(); bad != nil {
		return s, bad
	}
	return s, err
}

// complete computes what was not said, cores before sockets before threads, and checks that all agree.
func (s *SMP) complete(machine string) error {
	s.Dies, s.Modules = max(s.Dies, 1), max(s.Modules, 1)
	if s.MaxCPUs == 0 {
		s.MaxCPUs = s.CPUs
	}
	switch {
	case s.MaxCPUs == 0: // only the arrangement was given, it tells the number
		s.Sockets, s.Cores, s.Threads = max(s.Sockets, 1), max(s.Cores, 1), max(s.Threads, 1)
	case s.Cores == 0:
		s.Sockets, s.Threads = max(s.Sockets, 1), max(s.Threads, 1)
		s.Cores = s.MaxCPUs / product(s.Sockets, s.Dies, s.Modules, s.Threads)
	case s.Sockets == 0:
		s.Threads = max(s.Threads, 1)
		s.Sockets = s.MaxCPUs / product(s.Dies, s.Modules, s.Cores, s.Threads)
	case s.Threads == 0:
		s.Threads = s.MaxCPUs / product(s.Sockets, s.Dies, s.Modules, s.Cores)
	}
	all := product(s.Sockets, s.Dies, s.Modules, s.Cores, s.Threads)
	if s.MaxCPUs == 0 {
		s.MaxCPUs = all
	}
	if s.CPUs == 0 {
		s.CPUs = s.MaxCPUs
	}
	return s.check(machine, all)
}

func (s *SMP) check(machine string, all uint64) error {
	hierarchy := fmt.Sprintf("sockets (%d) * dies (%d) * modules (%d) * cores (%d) * threads (%d)",
		s.Sockets, s.Dies, s.Modules, s.Cores, s.Threads)
	limit := uint64(unknownCPUs)
	if t, ok := machinetype.Find(machine); ok {
		limit = uint64(t.MaxCPUs)
	}
	switch {
	case all != s.MaxCPUs:
		return fail("Invalid CPU topology: product of the hierarchy must match maxcpus: %s != maxcpus (%d)",
			hierarchy, s.MaxCPUs)
	case s.MaxCPUs < s.CPUs:
		return fail("Invalid CPU topology: maxcpus must be equal to or greater than smp: "+
			"%s == maxcpus (%d) < smp_cpus (%d)", hierarchy, s.MaxCPUs, s.CPUs)
	case s.MaxCPUs > limit:
		return fail("Invalid SMP CPUs %d. The max CPUs supported by machine '%s' is %d", s.MaxCPUs, machine, limit)
	}
	return nil
}

// product multiplies counts, up to countLimit.
func product(counts ...uint64) uint64 {
	all := uint64(1)
	for _, n := range counts {
		all = min(all*n, countLimit)
	}
	return all
}
