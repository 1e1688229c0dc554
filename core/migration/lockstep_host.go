package migration

import "qmpmigrate/core/announce"

// lockstepHost is what a Host does for two machines in lock step (COLO).
type lockstepHost interface {
	// SecondaryBegins starts the VM that was loaded, beside its primary.
	SecondaryBegins() error
	// StopForCheckpoint stops the VM, remembering what it was: it is in colo
	// from then on, unless it did not run anyway.
	StopForCheckpoint()
	// CheckpointDone gives the VM back as it was before StopForCheckpoint.
	CheckpointDone() error
	// CheckpointLoaded does the same with the VM that load puts in its place,
	// while nobody else can look at it. After an error it stays stopped.
	CheckpointLoaded(load func() error) error
	// LockstepOver gives the VM back for good; tell is called before.
	LockstepOver(tell func()) error
	// Announce lets the VM's network cards tell where they are now.
	Announce(rounds announce.Params)
}
