// Package soft is RDMA without hardware: a connection is a TCP socket, and a
// write is a frame whose bytes the receiving end puts straight into memory that
// was registered there, once it has looked whether they may go there.
//
// It is for machines of this program among themselves; nothing is encrypted.
package soft

import (
	"context"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

// Provider is RDMA over sockets.
type Provider struct{}

// Ready says that nothing is missing.
func (Provider) Ready() error { return nil }

// Open connects the socket; nothing is said on it before Connect.
func (Provider) Open(ctx context.Context, to channels.InetAddress, limits verbs.Limits) (verbs.Endpoint, error) {
	conn, err := channels.Dial(ctx, socket(to))
	if err != nil {
		return nil, err
	}
	return newEndpoint(conn, limits, false), nil
}

// Listen listens on a socket.
func (Provider) Listen(ctx context.Context, at channels.InetAddress) (verbs.Listener, error) {
	l, err := channels.Listen(ctx, socket(at))
	if err != nil {
		return nil, err
	}
	return newListener(l), nil
}

func socket(a channels.InetAddress) channels.Address {
	return channels.Address{Transport: channels.TransportSocket, Type: channels.SocketInet, Inet: a}
}
