package channels

import "golang.org/x/sys/unix"

// SocketOption looks at the socket behind a Conn.
func SocketOption(c Conn, level, name int) (value int, err error) {
	c.(*stream).control(func(fd int) error {
		value, err = unix.GetsockoptInt(fd, level, name)
		return nil
	})
	return value, err
}
