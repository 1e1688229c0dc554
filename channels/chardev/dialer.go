package chardev

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"

	"qmpmigrate/channels"
)

// dialer is the source that goes to its client, which listens.
type dialer struct {
	conf *Config
	env  Env

	told  bool // somebody knows that connecting fails
	again bool // there was an attempt before

	mu      sync.Mutex
	abandon context.CancelFunc // of the attempt that is under way; nil: there is none
}

// open connects, unless it may be tried again later.
func (d *dialer) open(ctx context.Context) (*client, error) {
	if d.conf.Reconnect > 0 {
		return nil, nil
	}
	return d.connect(ctx)
}

func (d *dialer) next(ctx context.Context) (*client, error) {
	if d.conf.Reconnect <= 0 {
		return nil, io.EOF
	}
	for {
		if d.again {
			pause(ctx, d.conf.Reconnect)
		}
		d.again = true
		c, err := d.connect(ctx)
		switch {
		case ctx.Err() != nil:
			if err == nil {
				c.conn.Close()
			}
			return nil, ctx.Err()
		case err == nil:
			d.told = false
			return c, nil
		case !d.told:
			d.told = true
			d.env.Warn(fmt.Sprintf("Unable to connect character device %s: %v", d.conf.Label, err))
		}
	}
}

func (d *dialer) connect(ctx context.Context) (*client, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d.setAbandon(cancel)
	defer d.setAbandon(nil)
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	return newClient(d.conf, conn)
}

func (d *dialer) dial(ctx context.Context) (net.Conn, error) {
	if d.conf.Address.Type == channels.SocketFD {
		file, err := inheritSocket(d.conf.Address.FD)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return net.FileConn(file)
	}
	c, err := channels.Dial(ctx, d.conf.Address)
	if err != nil {
		return nil, err
	}
	return channels.Socket(c)
}

func (d *dialer) setAbandon(f context.CancelFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.abandon = f
}

// cut ends the attempt to connect that is under way.
func (d *dialer) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.abandon != nil {
		d.abandon()
	}
}

func (d *dialer) name() string { return disconnectedName(d.conf, d.conf.Address) }
func (d *dialer) close()       {}
