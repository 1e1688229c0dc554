package qmp

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// acceptRetry is the pause after a failed accept: descriptors may have run out, and come back.
const acceptRetry = time.Second

// Listen opens a socket for clients; network is "unix" or "tcp". A file at a unix socket's path is removed before,
// and the socket itself when the listener is closed.
func Listen(network, address string) (net.Listener, error) {
	if network == "unix" {
		if err := syscall.Unlink(address); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, &fs.PathError{Op: "unlink", Path: address, Err: err}
		}
	}
	return net.Listen(network, address)
}

// ServeListener serves the clients that come to l, one at a time; others wait to be accepted. It ends, and closes l,
// when ctx is done (nil), the server has ended (ErrStopped), or l is closed (its error).
func (m *Monitor) ServeListener(ctx context.Context, l net.Listener) error {
	defer l.Close()
	if err := m.server.begin(); err != nil {
		return err
	}
	defer m.server.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.server.ctx, cancel)()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			_ = m.serve(ctx, conn) // how one client ended is not the next one's affair
		case m.server.ctx.Err() != nil:
			return ErrStopped
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			pause(ctx, acceptRetry)
		}
	}
}

// WaitFirst accepts the first client of l, without serving it, and returns a listener that begins with it: a start-up
// that is to wait for its client does so here. When ctx is done first, l is closed and the context's error returned.
func WaitFirst(ctx context.Context, l net.Listener) (net.Listener, error) {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	conn, err := l.Accept()
	if !stop() {
		if err == nil {
			conn.Close()
		}
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	first := make(chan net.Conn, 1)
	first <- conn
	return &startedListener{l, first}, nil
}

// startedListener is a listener whose first connection is already there.
type startedListener struct {
	net.Listener
	first chan net.Conn
}

func (l *startedListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.first:
		return conn, nil
	default:
		return l.Listener.Accept()
	}
}

func (l *startedListener) Close() error {
	select {
	case conn := <-l.first:
		conn.Close()
	default:
	}
	return l.Listener.Close()
}

// pause waits, at most until ctx is done.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
