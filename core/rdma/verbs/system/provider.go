// Package system is RDMA by the system's own libraries, librdmacm and
// libibverbs, which are found when they are needed: neither a C compiler nor the
// libraries are needed to build the program.
//
// Much of libibverbs is inline functions that call through a table of the
// device's: these calls are made here. What the libraries are given is memory
// that was mapped, or that its caller keeps: none that moves.
package system

// Provider is the hardware of this machine.
type Provider struct {
	// libraries finds them; nil finds the system's.
	libraries func() (*library, error)
}

// QEMU's words on a machine without RDMA: those of a source, and of a destination.
const (
	noChannel      = "RDMA ERROR: could not create CM channel"
	noEventChannel = "RDMA ERROR: could not create rdma event channel"
)

func (p Provider) library() (*library, error) {
	if p.libraries == nil {
		return load()
	}
	return p.libraries()
}

// Ready says what is missing for a source.
func (p Provider) Ready() error {
	l, err := p.library()
	if err != nil {
		return err
	}
	ev, err := l.newEvents(noChannel)
	if err != nil {
		return err
	}
	ev.close()
	return nil
}
