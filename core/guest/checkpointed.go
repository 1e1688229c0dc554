package guest

// Checkpointed is a Machine that takes the state of its devices from one
// checkpoint after another, where load alone could not be undone.
type Checkpointed interface {
	Machine
	// Checkpoint carries load out, which loads the state of all devices. If
	// that fails all is as it was.
	Checkpoint(load func() error) error
}
