package memtest

import (
	"context"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/vmstate"
)

// Workload says what the vCPUs do: *Sweep, *Stress or *Idle. The values are
// options; a machine makes its own copy.
type Workload interface {
	// Name is what ParseWorkload calls it.
	Name() string

	// parse sets options from their text.
	parse(o *options)
	// check refuses values out of range, in QEMU's words.
	check() error
	// fields are the options as they migrate.
	fields() []vmstate.Field
	// start puts the workload to a machine. The options stay as they are
	// from then on.
	start(b *board) program
	clone() Workload
}

// workloads has one of each, with the options it has by default. A new
// workload is a file, a line here, and nothing else.
func workloads() []Workload { return []Workload{NewSweep(), NewStress(), &Idle{}} }

// board is what a program works on.
type board struct {
	ram    *memory.Block
	serial line
	cpus   int
	power  power
}

// program is a workload that was put to a machine.
type program interface {
	// boot gives the memory the contents that it has before the first visit.
	// When ctx ends it, it may be called again.
	boot(ctx context.Context) error
	// walker gives what vCPU cpu runs after steps visits; nil means that it
	// has nothing to do.
	walker(cpu int, steps uint64) walker
	// rate bounds a vCPU's visits, in bytes of pages per second; 0 is no bound.
	rate() uint64
	// inspector tells what memory must hold once vCPU i has made steps[i]
	// visits.
	inspector(steps []uint64) inspector
}

// walker makes the visits of one vCPU.
type walker interface {
	// page is the page that the next visit touches.
	page() uint64
	// step makes the next visit. False means that it could not be made yet,
	// and that nothing was done.
	step() bool
}

// inspector looks at pages [first, end). look may run in several goroutines.
type inspector struct {
	first, end uint64
	look       func(page uint64) (f Finding, bad bool)
}
