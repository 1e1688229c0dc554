package tls

import (
	"context"
	"time"

	"qmpmigrate/channels"
)

// Credentials are what one end of a channel proves who it is with, and how it knows the other.
type Credentials interface {
	// Client begins TLS on a channel to a server that must prove to be hostname, which may be empty. The channel
	// belongs to the one that is returned, and is closed where there is none.
	Client(ctx context.Context, conn channels.Conn, hostname string) (*Conn, error)
	// Server begins TLS on a channel that came from a client. admit is asked for clients that have a name, and says
	// why one is not let in; nil admits all of them.
	Server(ctx context.Context, conn channels.Conn, admit func(name string) error) (*Conn, error)
}

// patience is how long a handshake may take: a stranger that says nothing must not be waited for.
const patience = time.Minute

// shake does the handshake, and then check.
func shake(ctx context.Context, c *Conn, check func() error) (*Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, failed(errTimeout))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.Shutdown() })
	err := c.session.handshake()
	if err != nil {
		err = failed(err)
	} else {
		err = check()
	}
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.Shutdown()
		c.Close()
		return nil, err
	}
	c.wire.speed()
	return c, nil
}
