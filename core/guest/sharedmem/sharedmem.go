// Package sharedmem is what an engine knows, and does, about a RAM block whose
// vCPUs are in another process, which maps the same memory: which pages they
// wrote, which they wait for, and how a page comes to them.
package sharedmem

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/memory/uffd"
)

// Features are what Open wants of the system.
const Features = uffd.MissingShmem | uffd.MissingHugetlb | uffd.ThreadID | uffd.WPHugetlbShmem | uffd.WPAsync

// Probe says whether the system can do what is needed here; the error is for
// whoever asked for it.
func Probe() error { return uffd.Probe(Features) }

// Mapping is a block's memory as the other process has it. The descriptors are
// that process's own, handed over.
type Mapping struct {
	Base    uint64 // the address there
	Faults  *uffd.File
	Writes  *uffd.File // for those that are to wait
	Pagemap *uffd.Pagemap
}

// Memory implements memory.Guard, memory.Tracker and memory.Freezer for one block.
type Memory struct {
	block *memory.Block
	Mapping
	length, page uint64
	// cpu gives the number of a vCPU by its thread.
	cpu func(thread uint32) int

	// mode is held to change what the system watches for: who waits, who
	// writes, or what was written. tracked is the last.
	mode    sync.Mutex
	tracked bool
	guarded atomic.Bool
	lost    atomic.Bool // the process is no more, and what it wrote was told
	readers sync.WaitGroup
	frozen  atomic.Bool // writes wait
	savers  sync.WaitGroup
	zeros   []byte // a page of them, made when first needed
	once    sync.Once
}

var (
	_ memory.Guard   = (*Memory)(nil)
	_ memory.Tracker = (*Memory)(nil)
	_ memory.Freezer = (*Memory)(nil)
)

// New makes the block one whose vCPUs are elsewhere. Close comes before that
// of the block.
func New(block *memory.Block, there Mapping, cpu func(thread uint32) int) *Memory {
	m := &Memory{block: block, Mapping: there, length: block.Size(), page: block.HostPage(), cpu: cpu}
	block.SetGuard(m)
	block.SetTracker(m)
	block.SetFreezer(m)
	return m
}

// Guarded says whether pages may be absent.
func (m *Memory) Guarded() bool { return m.guarded.Load() }

// Close ends the watch and gives the descriptors back.
func (m *Memory) Close() {
	m.block.SetGuard(nil)
	m.block.SetTracker(nil)
	m.block.SetFreezer(nil)
	m.Faults.Close()
	m.Writes.Close()
	m.readers.Wait()
	m.savers.Wait()
	m.Pagemap.Close()
}

// at is where page n is in the other process.
func (m *Memory) at(n uint64) uint64 { return m.Base + n*memory.PageSize }

// Open makes a Mapping of this process's memory mem, to be handed over.
func Open(base uint64) (Mapping, error) {
	faults, err := uffd.Open(Features)
	if err != nil {
		return Mapping{}, err
	}
	writes, err := uffd.Open(uffd.WPHugetlbShmem)
	if err != nil {
		faults.Close()
		return Mapping{}, err
	}
	pagemap, err := uffd.OpenPagemap()
	if err != nil {
		faults.Close()
		writes.Close()
		return Mapping{}, err
	}
	return Mapping{base, faults, writes, pagemap}, nil
}

// Adopt makes a Mapping of what was handed over.
func Adopt(base uint64, faults, writes, pagemap *os.File) Mapping {
	return Mapping{base, uffd.Adopt(faults), uffd.Adopt(writes), &uffd.Pagemap{File: pagemap}}
}

// CheckBlock refuses memory that no other process can map, or in which nobody
// can wait for a page.
func CheckBlock(block *memory.Block) error {
	f, _ := block.File()
	if f == nil {
		return fmt.Errorf("the memory of '%s' is not of the kind that processes can share: "+
			"it takes a memory-backend-memfd, memory-backend-shm or memory-backend-ram with share=on", block.Name())
	}
	return nil
}

// gone says that the other process is no more. To register or unregister its
// memory fails in a way of its own then.
func gone(err error) bool { return is(err, unix.ESRCH) || is(err, unix.ENOMEM) }
