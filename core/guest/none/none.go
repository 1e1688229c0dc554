// Package none is the machine without a guest: it has neither memory nor
// vCPUs, and exists to be asked what the program can do.
package none

import (
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
)

// Machine is that machine.
type Machine struct{}

var _ guest.Guest = Machine{}

// Blocks are none.
func (Machine) Blocks() []*memory.Block { return nil }

// Devices are none.
func (Machine) Devices() []savevm.Device { return nil }

// Start has nothing to start.
func (Machine) Start() error { return nil }

// Stop has nothing to stop.
func (Machine) Stop() {}

// Close has nothing to close.
func (Machine) Close() error { return nil }
