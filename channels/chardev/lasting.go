package chardev

import (
	"context"
	"io"
	"sync"
)

// lasting is the source of a device that has one client all the time: there is somebody, or something, at its other
// end as long as it exists.
type lasting struct {
	device io.ReadWriter
	title  string
}

func (l *lasting) open(context.Context) (*client, error) {
	return &client{conn: newDeaf(l.device), name: l.title}, nil
}

func (l *lasting) next(context.Context) (*client, error) { return nil, io.EOF }
func (l *lasting) name() string                          { return l.title }
func (l *lasting) close()                                {}

// nothing takes everything and has nothing to say.
type nothing struct{}

func (nothing) Read([]byte) (int, error)    { return 0, io.EOF }
func (nothing) Write(p []byte) (int, error) { return len(p), nil }

// deaf is a connection from which nothing ever comes: reading waits until it is closed.
type deaf struct {
	io.Writer
	closed chan struct{}
	close  func()
}

func newDeaf(w io.Writer) *deaf {
	d := &deaf{Writer: w, closed: make(chan struct{})}
	d.close = sync.OnceFunc(func() { close(d.closed) })
	return d
}

func (d *deaf) Read([]byte) (int, error) {
	<-d.closed
	return 0, io.EOF
}

func (d *deaf) Close() error {
	d.close()
	return nil
}
