package channels

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
)

// Socket takes the bare socket out of a channel, for those who want more of it than bytes, such as descriptors that are
// passed along. The channel must not be used any more.
func Socket(c Conn) (net.Conn, error) {
	s, ok := c.(*stream)
	if !ok || !s.socket {
		return nil, errors.New("the channel is not a socket")
	}
	switch d := s.desc.(type) {
	case net.Conn:
		return d, nil
	case *os.File:
		defer d.Close()
		return net.FileConn(d)
	}
	return nil, errors.New("the channel is not a socket")
}

// Resolve turns a host and a port into the addresses to try, in order of preference. passive is for those that listen:
// an empty host is then every address of this machine.
func Resolve(ctx context.Context, a InetAddress, passive bool) ([]netip.AddrPort, error) {
	return resolve(ctx, systemNames(), a, passive)
}
