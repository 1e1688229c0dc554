package channels

import (
	"context"
	"io"
)

// Conn is one established channel: bytes in order, one peer.
//
// Read and ReadVec are called by one goroutine at a time, Write and WriteVec by one goroutine at a time (which may be
// another one). Shutdown and Close may be called from any goroutine at any moment.
//
// Errors are *Error in QEMU's words and wrap the errno. After Shutdown reads report io.EOF and writes EPIPE, on every
// kind of channel, as if the peer had gone.
type Conn interface {
	io.ReadWriteCloser

	// ReadVec fills the buffers in order and returns after the first read that brought something: between 1 and the
	// sum of their lengths, of which at most the first MaxVec non-empty buffers count. At the end of the stream it
	// returns 0, io.EOF; without room (no buffers, or empty ones only) 0, nil. It does not allocate.
	ReadVec(iov [][]byte) (int, error)

	// WriteVec writes all buffers in order, however many there are, and returns the number of bytes written, which is
	// less than their sum only together with an error. It neither keeps nor changes iov. It does not allocate.
	WriteVec(iov [][]byte) (int64, error)

	// Shutdown ends both directions at once: blocked calls return, the peer notices. It may be called at any time and
	// any number of times, and does not replace Close.
	Shutdown() error

	// TwoWay tells whether the peer can answer on this channel: true for sockets, false for commands, pipes and files.
	TwoWay() bool

	// String names the channel in messages.
	String() string
}

// Listener waits for channels. Kinds that have no clients (exec, fd, file) yield exactly one Conn.
type Listener interface {
	// Accept returns the next channel. It ends with ctx.Err() when ctx is done and with an error that wraps
	// os.ErrClosed when the listener is closed. Any number of goroutines may call it.
	Accept(ctx context.Context) (Conn, error)

	// Addr is the address that is listened on, with the port that was really taken.
	Addr() Address

	// Close stops listening, closes channels that nobody accepted and removes the file of a unix socket. Channels
	// that were accepted stay open.
	Close() error
}

// Addresses returns all addresses that l listens on (a host name may stand for several), in the order in which
// query-migrate reports them.
func Addresses(l Listener) []Address {
	if m, ok := l.(interface{ Addrs() []Address }); ok {
		return m.Addrs()
	}
	return []Address{l.Addr()}
}
