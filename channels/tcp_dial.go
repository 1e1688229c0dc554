package channels

import (
	"context"
	"fmt"
	"net"
)

// dialTCP tries the addresses of the host one after the other. The error is that of the last one.
func dialTCP(ctx context.Context, n names, a InetAddress) (Conn, error) {
	targets, err := resolve(ctx, n, a, false)
	if err != nil {
		return nil, err
	}
	// Keep-alive probes are off unless asked for, and multipath TCP as it costs throughput: the standard library's
	// defaults are the opposite.
	dialer := net.Dialer{KeepAlive: -1}
	dialer.SetMultipathTCP(false)
	for _, target := range targets {
		var c net.Conn
		if c, err = dialer.DialContext(ctx, "tcp", target.String()); err == nil {
			return newTCP(c.(*net.TCPConn), a.KeepAlive)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fail(fmt.Sprintf("Failed to connect to '%s:%s'", a.Host, a.Port), err)
}

// newTCP makes a Conn of a connected socket. The standard library has set TCP_NODELAY.
func newTCP(c *net.TCPConn, keepAlive Flag) (Conn, error) {
	if keepAlive == FlagOn {
		_ = c.SetKeepAlive(true) // as in QEMU, a socket that refuses serves just as well
	}
	return newStream(c, "tcp:"+c.RemoteAddr().String(), nounSocket)
}
