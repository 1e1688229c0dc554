package chardev

import (
	"context"
	"fmt"
	"io"
)

// source is where a device's clients come from.
type source interface {
	// open makes everything ready. It returns the first client if that is there now.
	open(ctx context.Context) (*client, error)
	// next waits for the next client. An error says that there will be none.
	next(ctx context.Context) (*client, error)
	// name is what the device is called while it has no client.
	name() string
	// close releases what open made; clients are closed before.
	close()
}

// client is one who is connected.
type client struct {
	conn io.ReadWriteCloser
	name string // what the device is called while this client has it
	cut  func() // nil, or what ends the connection without asking the peer
}

// newSource chooses by the kind of device.
func newSource(c *Config, e Env) (source, error) {
	switch c.Backend {
	case Null, Console:
		return &lasting{device: nothing{}, title: string(c.Backend)}, nil
	case RingBuf, Memory:
		ring, err := newRing(c.Size)
		if err != nil {
			return nil, err
		}
		return &lasting{device: ring, title: string(c.Backend)}, nil
	case File:
		return &files{conf: c, env: e, openPair: openFile}, nil
	case Pipe:
		return &files{conf: c, env: e, openPair: openPipe}, nil
	case Serial:
		return &files{conf: c, env: e, openPair: openSerial}, nil
	case Stdio:
		return &stdio{conf: c, env: e}, nil
	case PTY:
		return &pty{conf: c, env: e}, nil
	case UDP:
		return &udp{conf: c}, nil
	case Socket:
		if c.Server {
			return &server{conf: c, env: e}, nil
		}
		return &dialer{conf: c, env: e}, nil
	}
	return nil, fmt.Errorf("character device backend '%s' is not supported yet by this build", c.Backend)
}
