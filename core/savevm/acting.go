package savevm

import (
	"context"
	"time"
)

// Plan is what a migration that is about to begin will do with its sections.
type Plan struct {
	// Postcopy: the VM may run at its destination before its memory is there.
	Postcopy bool
	// SwitchoverAck: the source waits until the destination's devices are ready.
	SwitchoverAck bool
	// Background: the VM goes on while it is sent as it was at one moment.
	Background bool
}

// Preparing is the Source of a Live section that can refuse a migration before it begins.
type Preparing interface {
	Iterable
	Prepare(Plan) error
}

// VFIO is the Source of a Live section that is a passed-through device's.
type VFIO interface {
	Iterable
	// VFIOTransferred is how many bytes of the device's state the last
	// migration has sent. It may be called from any goroutine.
	VFIOTransferred() uint64
}

// Receiving is the Target of a Live section that takes part in the migration
// around it. All methods are called by the goroutine that loads.
type Receiving interface {
	Mover
	// LoadSetup is called before anything is loaded. ctx ends when loading is
	// given up. approve, nil where nobody waits for it, is what one that owes
	// an ack calls once it is ready; called too often it is an error.
	LoadSetup(ctx context.Context, approve func() error) error
	// SwitchoverAckNeeded says, after LoadSetup, whether the source must wait for approve.
	SwitchoverAckNeeded() bool
	// SwitchoverStart is called when the VM was stopped at its source, where
	// the source tells so.
	SwitchoverStart() error
	// LoadCleanup ends what LoadSetup began, however loading ended.
	LoadCleanup()
}

// Estimating is a State, or the Target of a Live section, that can tell a
// destination how long it will take to load what comes when the VM is stopped.
type Estimating interface {
	// LoadEstimate may be called from any goroutine; 0 where nothing is known.
	LoadEstimate() time.Duration
}
