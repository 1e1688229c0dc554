package channels

import (
	"context"
	"os"
	"sync"
)

// onceListener yields a Conn that is there already, then waits for its end: commands, files and descriptors have no
// second client.
type onceListener struct {
	addr    Address
	conn    chan Conn // holds the Conn until somebody takes it
	done    chan struct{}
	closing sync.Once
	err     error
}

// listenOnce returns a function that makes a Listener of what opening the channel brought.
func listenOnce(a Address) func(Conn, error) (Listener, error) {
	a.FD.File = nil // the Conn's now
	return func(c Conn, err error) (Listener, error) {
		if err != nil {
			return nil, err
		}
		l := &onceListener{addr: a, conn: make(chan Conn, 1), done: make(chan struct{})}
		l.conn <- c
		return l, nil
	}
}

func (l *onceListener) Accept(ctx context.Context) (Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-l.done: // rather than a Conn that Close is about to take
		return nil, l.closed()
	default:
	}
	select {
	case c := <-l.conn:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.done:
		return nil, l.closed()
	}
}

func (l *onceListener) closed() error {
	return &Error{"Unable to accept connection", os.ErrClosed}
}

func (l *onceListener) Addr() Address { return l.addr }

// Close ends the channel if nobody took it.
func (l *onceListener) Close() error {
	l.closing.Do(func() {
		close(l.done)
		select {
		case c := <-l.conn:
			c.Shutdown() // a command need not be waited for
			l.err = c.Close()
		default:
		}
	})
	return l.err
}
