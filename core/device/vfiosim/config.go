// Package vfiosim is a simulated passed-through device. Its driver's migration
// states, and the section that carries its state, are those of VFIO; what the
// device itself puts into its data can be checked byte for byte.
package vfiosim

import (
	"fmt"
	"time"

	"qmpmigrate/qapi"
)

// Precopy says what of its state a device can give away while it runs.
type Precopy uint8

const (
	// PrecopyAll: the initial data and then everything else, again and again.
	PrecopyAll Precopy = iota
	// PrecopyInitial: only the initial data.
	PrecopyInitial
	// PrecopyNone: nothing.
	PrecopyNone
)

// Fault is what a device does wrong.
type Fault uint8

// The faults. A state that cannot be entered is an error of the host's driver.
const (
	FaultNone     Fault = iota
	FaultPreCopy        // entering PRE_COPY
	FaultStopCopy       // entering STOP_COPY
	FaultResuming       // entering RESUMING
	FaultPrepare        // making ready at a destination
	FaultLoad           // taking the last of its data at a destination
)

// FaultNames are the names of the faults, by their number.
func FaultNames() []string {
	return []string{"none", "pre-copy", "stop-copy", "resuming", "prepare", "load"}
}

// Config says what device New makes. Both ends of a migration must have the
// same StateSize, InitialSize and Path.
type Config struct {
	// ID is the device's id, empty for none.
	ID string
	// Path is where the device is, as "0000:00:04.0"; empty for none. With it
	// begins the name of its section.
	Path string
	// Instance tells devices apart whose sections have the same name.
	Instance uint32
	// QOMPath is where the device is in the tree of objects.
	QOMPath string

	// StateSize is how large its state is, in bytes: 1 to MaxStateSize.
	StateSize uint64
	// InitialSize is how much of that, rounded up to whole chunks, must be at
	// a destination before it can make ready; at most StateSize.
	InitialSize uint64
	// Prepare is how long it takes to make ready, which it does when the
	// initial data is complete.
	Prepare time.Duration
	// LoadBandwidth bounds how fast a destination takes its state, in bytes
	// per second; 0 is no bound.
	LoadBandwidth uint64
	// DirtyRate is how much of its state it changes while it runs, in bytes per second.
	DirtyRate uint64
	// Precopy says what goes out while it runs.
	Precopy Precopy
	// Fault is what it does wrong.
	Fault Fault

	// Events gets an event for each change of the migration state; nil is nobody.
	Events qapi.EventSink
	// Report gets what went wrong with nobody to tell it to; nil drops it.
	Report func(text string)
}

// MaxStateSize bounds the tables of a device.
const MaxStateSize = 1 << 40

// Name is what messages call the device.
func (c *Config) Name() string {
	if c.ID != "" {
		return c.ID
	}
	if c.Path != "" {
		return c.Path
	}
	return TypeName
}

// TypeName is the name of the device's type.
const TypeName = "vfio-sim"

// idstr is the name of its section.
func (c *Config) idstr() string {
	if c.Path == "" {
		return "vfio"
	}
	return c.Path + "/vfio"
}

// initialChunks are the first chunks, as many as are initial data.
func (c *Config) initialChunks() uint64 { return (c.InitialSize + chunkSize - 1) / chunkSize }

func (c *Config) check() error {
	switch {
	case c.StateSize == 0 || c.StateSize > MaxStateSize:
		return fmt.Errorf("Parameter 'state-size' expects a value between 1 and %d", uint64(MaxStateSize))
	case c.InitialSize > c.StateSize:
		return fmt.Errorf("Parameter 'initial-size' expects a value of at most 'state-size'")
	case c.Prepare < 0:
		return fmt.Errorf("Parameter 'prepare' expects a time")
	}
	return nil
}
