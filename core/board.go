package core

import "qmpmigrate/core/machinetype"

// Board is what a machine is made of, as far as tools ask for it. The zero value is a machine of one vCPU.
type Board struct {
	// Type is the machine's type; the zero value is that of the built-in guest or of an adopted machine.
	Type machinetype.Type
	// CPUs is how many vCPUs there are, 0 for one. Cores and so on tell how
	// they are arranged, 0 for one; an empty place is filled from the inside.
	CPUs, Dies, Modules, Cores, Threads int
	// MaxCPUs is for how many there are places, 0 for as many as there are.
	MaxCPUs int
	// RAM is the size of the memory in bytes where the guest does not tell.
	RAM uint64
	// DebugThreads gives the threads of the vCPUs names.
	DebugThreads bool
}

func (b Board) complete() Board {
	for _, n := range []*int{&b.CPUs, &b.Dies, &b.Modules, &b.Cores, &b.Threads} {
		*n = max(*n, 1)
	}
	b.MaxCPUs = max(b.MaxCPUs, b.CPUs)
	return b
}

// use says what the machine is, where the caller did not.
func (b *Board) use(name string) {
	if b.Type.Name != "" {
		return
	}
	t, ok := machinetype.Find(name)
	if !ok {
		t = machinetype.Type{Name: name, MaxCPUs: b.CPUs}
	}
	b.Type = t
}
