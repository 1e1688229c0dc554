package chardev

import (
	"io"
	"net"
	"os"
)

// openLog opens the file that gets a copy of all output.
func openLog(c *Config, e Env) (*os.File, error) {
	mode := os.O_TRUNC
	if c.LogAppend {
		mode = os.O_APPEND
	}
	f, err := e.OpenFile(c.LogFile, os.O_WRONLY|os.O_CREATE|mode, 0o666)
	if err != nil {
		return nil, failed(err, "Could not create '%s'", c.LogFile)
	}
	return f, nil
}

// tee is a connection whose output is also written to a file. That the file fails is nobody's concern.
type tee struct {
	io.ReadWriteCloser
	log *os.File
}

func logged(conn io.ReadWriteCloser, log *os.File) io.ReadWriteCloser {
	t := &tee{conn, log}
	if c, ok := conn.(net.Conn); ok {
		return &netTee{t, c}
	}
	return t
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Write(p)
	t.log.Write(p[:n])
	return n, err
}

// netTee is a tee on a socket.
type netTee struct {
	*tee
	conn net.Conn
}

// NetConn is the socket, for reading from it.
func (t *netTee) NetConn() net.Conn { return t.conn }
