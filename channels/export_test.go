package channels

import (
	"net"

	"golang.org/x/sys/unix"
)

// HasIPv6 tells whether this machine has an IPv6 address of its own to talk to itself; many containers do not.
func HasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// SocketOption looks at the socket behind a Conn.
func SocketOption(c Conn, level, name int) (value int, err error) {
	c.(*stream).control(func(fd int) error {
		value, err = unix.GetsockoptInt(fd, level, name)
		return nil
	})
	return value, err
}
