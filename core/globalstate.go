package core

import (
	"bytes"
	"fmt"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/qapi"
)

// globalState is the device that carries the run state which the VM had before
// its source stopped it: a VM that was paused by its user stays so.
type globalState struct {
	size         uint32
	name         [runStateField]byte
	hasSuspended bool
	suspended    bool
	unused       [globalStateRest]byte
}

const (
	// runStateField is the room for the name, since 9.0; older versions
	// have 100 bytes there, which reads the same.
	runStateField   = 32
	globalStateRest = 100 - runStateField - 2
)

func (g *globalState) device() savevm.Device {
	return savevm.Device{IDStr: "globalstate", State: &vmstate.Description{
		Name: "globalstate", Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{
			vmstate.Uint32("size", &g.size),
			vmstate.Buffer("runstate", g.name[:]),
			vmstate.Bool("has_vm_was_suspended", &g.hasSuspended),
			vmstate.Bool("vm_was_suspended", &g.suspended),
			vmstate.Buffer("unused", g.unused[:]),
		},
		PostLoad: func(uint32) error { _, err := g.runState(); return err },
	}}
}

// store keeps s for the stream, and whether the VM was suspended before it was stopped.
func (g *globalState) store(s qapi.RunState, slept bool) {
	clear(g.name[:])
	copy(g.name[:runStateField-1], s)
	g.size = uint32(len(s)) + 1
	g.hasSuspended, g.suspended = true, slept
}

// runState is what was stored, or what came.
func (g *globalState) runState() (qapi.RunState, error) {
	name, _, ended := bytes.Cut(g.name[:], []byte{0})
	if !ended {
		return "", fmt.Errorf("globalstate: run state name is not ended")
	}
	s, ok := qapi.ParseRunState(string(name))
	if !ok {
		return "", fmt.Errorf("globalstate: unknown run state '%s'", name)
	}
	return s, nil
}
