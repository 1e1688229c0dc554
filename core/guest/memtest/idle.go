package memtest

import (
	"context"

	"qmpmigrate/core/vmstate"
)

// Idle is the workload that does nothing: the vCPUs halt.
type Idle struct{}

// Name is "idle".
func (*Idle) Name() string { return "idle" }

func (*Idle) parse(*options)          {}
func (*Idle) check() error            { return nil }
func (*Idle) fields() []vmstate.Field { return nil }
func (*Idle) start(*board) program    { return idle{} }
func (*Idle) clone() Workload         { return &Idle{} }

type idle struct{}

func (idle) boot(context.Context) error   { return nil }
func (idle) walker(int, uint64) walker    { return nil }
func (idle) rate() uint64                 { return 0 }
func (idle) inspector([]uint64) inspector { return inspector{} }
