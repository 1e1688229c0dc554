// Package system is RDMA by the system's own libraries, librdmacm and
// libibverbs, which are found when they are needed.
//
// It finds them and the connection manager of the kernel, and says what is
// missing. Where all is there it says that connections are not built yet: much
// of libibverbs is inline functions that call through tables of a device, which
// nobody could try without one.
package system

import (
	"context"
	"errors"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

// Provider is the hardware of this machine.
type Provider struct{}

// errNotBuilt is said where nothing else is missing.
var errNotBuilt = errors.New("transport 'rdma' by the system's devices is not supported yet by this build; " +
	"the migration property x-rdma-provider=soft connects two ends of this program without them")

// QEMU's words on a machine without RDMA: those of a source, and of a destination.
const (
	noChannel      = "RDMA ERROR: could not create CM channel"
	noEventChannel = "RDMA ERROR: could not create rdma event channel"
)

// Ready says what is missing for a source.
func (Provider) Ready() error { return ready(noChannel) }

// Open fails.
func (p Provider) Open(context.Context, channels.InetAddress, verbs.Limits) (verbs.Endpoint, error) {
	return nil, p.Ready()
}

// Listen fails.
func (Provider) Listen(context.Context, channels.InetAddress) (verbs.Listener, error) {
	return nil, ready(noEventChannel)
}

func ready(noDevice string) error {
	l, err := load()
	if err != nil {
		return err
	}
	return l.ready(noDevice)
}

// ready never finds that nothing is missing; noDevice is what it says of the device.
func (l *library) ready(noDevice string) error {
	channel := l.createEventChannel()
	if channel == 0 {
		return errors.New(noDevice)
	}
	l.destroyEventChannel(channel)
	return errNotBuilt
}
