package chardev

import (
	"context"
	"io"
)

// Handler serves one client of a device. It returns when conn ends, which it does at the latest when ctx is done, and
// may close it earlier. Connections of unix sockets without layers are *net.UnixConn; others over such a socket have a
// method NetConn that returns it.
type Handler func(ctx context.Context, conn io.ReadWriteCloser)

// Frontend is what is attached to a device.
type Frontend struct {
	Serve Handler
	// Echo: people see what they type, line by line, if the device is a terminal. Otherwise every key is handed over.
	Echo bool
	// Held: on a shared device its output waits until it has the input.
	Held bool

	// joins, if there, is called for each client of a shared device before any front end hears of it: whoever was
	// told something by one of them misses nothing of another.
	joins func(conn io.Writer)
}

// discard reads what nobody wants to have.
func discard(_ context.Context, conn io.ReadWriteCloser) { _, _ = io.Copy(io.Discard, conn) }
