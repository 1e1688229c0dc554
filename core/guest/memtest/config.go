package memtest

import (
	"errors"
	"fmt"
	"io"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/guest/child"
	"qmpmigrate/core/memory"
)

// Config says what machine New makes.
type Config struct {
	// RAMSize is the size of the one RAM block, in bytes: rounded up to whole
	// pages; 0 is 128 MiB, QEMU's default.
	RAMSize uint64
	// RAMName is the name of the block; empty is BlockName.
	RAMName string
	// VCPUs is how many vCPUs there are, at most MaxVCPUs; 0 is one.
	VCPUs int
	// Workload is what they do; nil is NewSweep. A state that is loaded
	// brings its own workload and replaces this one.
	Workload Workload
	// Serial gets what the guest writes to its serial port, from a goroutine
	// of the guest's, one Write at a time; errors are ignored. A Write that
	// blocks makes the guest wait in the end, but neither Stop nor Close:
	// let the writer outlive the guest. nil is nobody.
	Serial io.Writer
	// RAM is the guest's memory, and then RAMSize is its size. The machine
	// closes it. nil: the machine makes its own.
	RAM *memory.Block
	// Prealloc allocates all memory at once, as a VMM does with -mem-prealloc.
	Prealloc bool
	// Incoming is true when the contents of memory will be migrated in: Start
	// does not give memory its first contents, unless the state that is
	// loaded says that the guest has never run.
	Incoming bool
	// Apart runs the vCPUs in a process of their own (-accel uffd), so that a
	// page can be waited for, and a write be noticed, by the system. The
	// program calls BecomeVCPUs, and RAM is memory that has a File. Without
	// it they are goroutines (-accel soft).
	Apart bool
	// Inside is whom that process becomes once it has what it needs.
	Inside child.Identity
	// DirtyRing gives each vCPU a dirty ring of so many pages, a power of two
	// and at most MaxDirtyRing; 0 is none.
	DirtyRing int
	// Died is called when that process ended by itself. The guest is then
	// where it was, but can never be started again. It must return at once
	// and may be called while New is under way. nil ignores it.
	Died func(err error)
	// Powerdown makes the guest shut down when its power button is pressed;
	// the usual test guest knows no such button.
	Powerdown bool
	// Devices are plugged in besides the guest's own. They migrate with it.
	Devices []guest.Device
	// Disk is what the guest writes to while it runs, DiskRate bytes a second,
	// 0 for as fast as it can. nil: it writes none. A destination has one, too.
	Disk     Disk
	DiskRate uint64
	// DiskFailed is called when the disk could not be written; the guest leaves
	// it alone until its next Start. nil ignores it.
	DiskFailed func(err error)
	// Suspend and Shutdown are called when the guest asks to be suspended
	// (Sweep.Suspend) or to be shut down (Powerdown), possibly by a vCPU: they
	// must return at once. A guest that was not heard asks again after its
	// next Start. nil ignores it.
	Suspend, Shutdown func()
}

const (
	// MaxVCPUs is as many as any of QEMU's pc machines has.
	MaxVCPUs = 4096
	// maxRAM keeps page numbers far away from the bounds of the arithmetic.
	maxRAM = 1 << 44

	defaultRAM = 128 << 20

	// BlockName is the name of the RAM block unless it gets another one.
	BlockName = "memtest.ram"
)

// complete checks c and fills in what was left out.
func (c *Config) complete() error {
	if c.RAM != nil {
		c.RAMSize = c.RAM.Size()
	}
	if c.RAMSize == 0 {
		c.RAMSize = defaultRAM
	}
	if c.RAMName == "" {
		c.RAMName = BlockName
	}
	if c.RAMSize > maxRAM {
		return fmt.Errorf("cannot set up guest memory '%s': Cannot allocate memory", c.RAMName)
	}
	c.RAMSize = (c.RAMSize + memory.PageSize - 1) &^ (memory.PageSize - 1)
	if c.VCPUs == 0 {
		c.VCPUs = 1
	}
	if c.VCPUs < 1 || c.VCPUs > MaxVCPUs {
		return fmt.Errorf("Invalid SMP CPUs %d. The max CPUs supported by machine 'memtest' is %d",
			c.VCPUs, MaxVCPUs)
	}
	if c.DirtyRing < 0 || c.DirtyRing&(c.DirtyRing-1) != 0 {
		return errors.New("dirty-ring-size must be a power of two.")
	}
	if c.DirtyRing > MaxDirtyRing {
		return fmt.Errorf("dirty ring size %d too big (maximum is %d).  Please use a smaller value.", c.DirtyRing, MaxDirtyRing)
	}
	if c.Workload == nil {
		c.Workload = NewSweep()
	}
	if c.Serial == nil {
		c.Serial = io.Discard
	}
	if c.Suspend == nil {
		c.Suspend = func() {}
	}
	if c.Died == nil {
		c.Died = func(error) {}
	}
	if c.DiskFailed == nil {
		c.DiskFailed = func(error) {}
	}
	if c.Shutdown == nil {
		c.Shutdown = func() {}
	}
	return c.Workload.check()
}
