package qmp

import (
	"io"
	"net"
	"syscall"
)

// directWriter writes to a socket as much as it takes without waiting, so that a usual reply needs neither another
// goroutine nor a copy.
type directWriter struct {
	raw     syscall.RawConn
	attempt func(fd uintptr) bool // made once, because a closure per message would be garbage

	message []byte
	n       int
	err     error
}

// newDirectWriter returns nil when conn is not a socket of the net package: only of those it is sure that their
// descriptor does not block.
func newDirectWriter(conn io.Writer) *directWriter {
	var source syscall.Conn
	switch c := conn.(type) {
	case *net.UnixConn:
		source = c
	case *net.TCPConn:
		source = c
	default:
		return nil
	}
	raw, err := source.SyscallConn()
	if err != nil {
		return nil
	}
	w := &directWriter{raw: raw}
	w.attempt = w.try
	return w
}

// write returns how much of message was taken; all that is not an error of the connection is no error.
func (w *directWriter) write(message []byte) (int, error) {
	w.message, w.n, w.err = message, 0, nil
	err := w.raw.Write(w.attempt)
	w.message = nil
	if err == nil {
		err = w.err
	}
	return w.n, err
}

func (w *directWriter) try(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), w.message)
		switch err {
		case nil:
			w.n = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			w.err = err
		}
		return true
	}
}
