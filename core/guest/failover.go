package guest

// Primary is a Device that must be unplugged before its guest moves. Its
// methods may be called from any goroutine.
type Primary interface {
	Device
	// Unplug asks the guest to let go of it, where it is plugged in.
	Unplug()
	// Unplugging gives a channel that is closed when the guest has let go,
	// nil where there is nothing to wait for.
	Unplugging() <-chan struct{}
	// Replug gives it back, after a migration that came to nothing.
	Replug()
}

// Primaries is a guest with such devices.
type Primaries interface {
	Guest
	Primaries() []Primary
}

// PrimariesOf lists those of m.
func PrimariesOf(m Machine) []Primary {
	if g, ok := m.(Primaries); ok {
		return g.Primaries()
	}
	return nil
}

// Primaries are the guest's, where it has some.
func (n *native) Primaries() []Primary {
	if g, ok := n.Guest.(Primaries); ok {
		return g.Primaries()
	}
	return nil
}
