package memtest

import (
	"fmt"
	"io"

	"qmpmigrate/core/memory"
)

// Config says what machine New makes.
type Config struct {
	// RAMSize is the size of the one RAM block, in bytes: rounded up to whole
	// pages; 0 is 128 MiB, QEMU's default.
	RAMSize uint64
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
	// Prealloc allocates all memory at once, as a VMM does with -mem-prealloc.
	Prealloc bool
	// Incoming is true when the contents of memory will be migrated in: Start
	// does not give memory its first contents, unless the state that is
	// loaded says that the guest has never run.
	Incoming bool
}

const (
	// MaxVCPUs is as many as QEMU's pc machines have.
	MaxVCPUs = 255
	// maxRAM keeps page numbers far away from the bounds of the arithmetic.
	maxRAM = 1 << 44

	defaultRAM = 128 << 20

	// BlockName is the name of the RAM block.
	BlockName = "memtest.ram"
)

// complete checks c and fills in what was left out.
func (c *Config) complete() error {
	if c.RAMSize == 0 {
		c.RAMSize = defaultRAM
	}
	if c.RAMSize > maxRAM {
		return fmt.Errorf("cannot set up guest memory '%s': Cannot allocate memory", BlockName)
	}
	c.RAMSize = (c.RAMSize + memory.PageSize - 1) &^ (memory.PageSize - 1)
	if c.VCPUs == 0 {
		c.VCPUs = 1
	}
	if c.VCPUs < 1 || c.VCPUs > MaxVCPUs {
		return fmt.Errorf("Invalid SMP CPUs %d. The max CPUs supported by machine 'memtest' is %d",
			c.VCPUs, MaxVCPUs)
	}
	if c.Workload == nil {
		c.Workload = NewSweep()
	}
	if c.Serial == nil {
		c.Serial = io.Discard
	}
	return c.Workload.check()
}
