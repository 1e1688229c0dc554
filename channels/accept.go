package channels

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
)

// acceptor is one listening socket.
type acceptor interface {
	accept() (descriptor, error)
	Close() error
}

// accepted hands a connection over without making a nil pointer look like a connection.
func accepted[D descriptor](d D, err error) (descriptor, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// socketListener is a Listener over any number of listening sockets. One goroutine for each of them accepts ahead by at
// most one connection; the kernel's backlog holds the others.
type socketListener struct {
	sockets []acceptor
	addrs   []Address
	wrap    func(descriptor) (Conn, error)
	cleanup func() // nil, or what is to be done before the sockets are closed

	ready   chan arrival
	done    chan struct{}
	workers sync.WaitGroup
	closing sync.Once
}

// arrival is what accept brought.
type arrival struct {
	d   descriptor
	err error
}

func newSocketListener(sockets []acceptor, addrs []Address, wrap func(descriptor) (Conn, error), cleanup func()) Listener {
	l := &socketListener{
		sockets: sockets, addrs: addrs, wrap: wrap, cleanup: cleanup,
		ready: make(chan arrival), done: make(chan struct{}),
	}
	for _, s := range sockets {
		l.workers.Go(func() { l.work(s) })
	}
	return l
}

// work passes on connections, and errors such as a lack of descriptors, to whoever calls Accept.
func (l *socketListener) work(s acceptor) {
	for {
		d, err := s.accept()
		if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrClosed) {
			return
		}
		select {
		case l.ready <- arrival{d, err}:
		case <-l.done:
			if d != nil {
				d.Close()
			}
			return
		}
	}
}

func (l *socketListener) Accept(ctx context.Context) (Conn, error) {
	const op = "Unable to accept connection"
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.done:
		return nil, &Error{op, os.ErrClosed}
	case a := <-l.ready:
		if a.err != nil {
			return nil, fail(op, a.err)
		}
		return l.wrap(a.d)
	}
}

// Addr is the first address.
func (l *socketListener) Addr() Address { return l.addrs[0] }

// Addrs is all of them, the last one first, as QEMU reports them.
func (l *socketListener) Addrs() []Address {
	addrs := slices.Clone(l.addrs)
	slices.Reverse(addrs)
	return addrs
}

func (l *socketListener) Close() error {
	l.closing.Do(func() {
		close(l.done)
		if l.cleanup != nil {
			l.cleanup()
		}
		for _, s := range l.sockets {
			s.Close()
		}
		l.workers.Wait()
	})
	return nil
}
