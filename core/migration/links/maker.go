// Package links makes the channels of a migration, and tells them apart: how users
// name where they lead, how they are opened, encrypted and let in, and the bundles
// of those that belong together. What goes over them is not known here.
package links

import (
	"context"

	"github.com/google/uuid"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// Host is the machine whose migrations want channels. Its methods may be
// called from any goroutine.
type Host interface {
	// UUID is the VM's, nil where it has none.
	UUID() *uuid.UUID
	// Trace is where the trace events are, nil for none.
	Trace() *trace.Set
	// TLSCredentials finds what TLS begins with at one end of a channel.
	TLSCredentials(id string, endpoint qapi.QCryptoTLSCredsEndpoint) (tls.Credentials, error)
	// Authorize says why the bearer of a name is not let in by the rules of that id.
	Authorize(id, name string) error
	// Report gives people a line of text: what went wrong with no command to
	// tell it to, or a warning, which begins with "warning: ".
	Report(text string)
}

// Maker makes all channels of one machine's migrations, the first and those that
// come beside or after it.
type Maker struct {
	host     Host
	settings *settings.Settings
	points   points
}

// New is for the machine host, as its settings say.
func New(host Host, s *settings.Settings) *Maker {
	return &Maker{host: host, settings: s, points: newPoints(host.Trace())}
}

// Dial opens a channel to a destination. What is no peer is encrypted later, by
// the migration goroutine: a command must not wait for that.
func (m *Maker) Dial(ctx context.Context, addr channels.Address) (channels.Conn, error) {
	if addr.Transport == channels.TransportRDMA {
		return m.dialRDMA(ctx, addr.Inet)
	}
	conn, err := channels.Dial(ctx, addr)
	if err != nil || !addr.Connects() {
		return conn, err
	}
	return m.Secure(ctx, conn, addr)
}

// Ready says whether there is anything to make a channel to addr with.
func (m *Maker) Ready(addr channels.Address) error {
	if addr.Transport == channels.TransportRDMA {
		return m.provider().Ready()
	}
	return nil
}

// LaneUUID is the UUID that lanes open with, zeros where the VM has none.
func (m *Maker) LaneUUID() (id [16]byte) {
	if own := m.host.UUID(); own != nil {
		id = *own
	}
	return id
}

// Kind is what QEMU calls the kind of a channel.
func Kind(conn channels.Conn, a channels.Address) string {
	switch {
	case tls.Of(conn) != nil:
		return "qio-channel-tls"
	case a.Transport == channels.TransportExec:
		return "qio-channel-command"
	case a.Transport == channels.TransportFile:
		return "qio-channel-file"
	}
	return "qio-channel-socket"
}
