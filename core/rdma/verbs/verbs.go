// Package verbs is what a migration needs of RDMA: reliable connections that
// are made with a few bytes from both ends, messages that land in buffers which
// were posted for them, and writes into memory that the peer has registered.
package verbs

import (
	"context"
	"errors"

	"qmpmigrate/channels"
)

// MaxPrivate is how many bytes an end may say as it connects.
const MaxPrivate = 56

// Limits are how much of an Endpoint's work may be under way at once. What is
// done and was not polled yet counts.
type Limits struct {
	Sends    int // messages and writes
	Receives int // buffers that are posted
}

// Provider makes connections.
type Provider interface {
	// Ready says what is missing, as far as that can be known at once.
	Ready() error
	// Open makes an endpoint for a connection to an address, and finds the way
	// there. Connect makes the connection.
	Open(ctx context.Context, to channels.InetAddress, limits Limits) (Endpoint, error)
	// Listen waits for connections.
	Listen(ctx context.Context, at channels.InetAddress) (Listener, error)
}

// Listener is where connections come in.
type Listener interface {
	// Next waits for somebody who wants to connect. It ends with ctx.Err(), or
	// with an error that wraps os.ErrClosed.
	Next(ctx context.Context) (Request, error)
	// Addr is where it listens, with the port that was really taken.
	Addr() channels.InetAddress
	// Close ends it, and requests that nobody took. Endpoints go on.
	Close() error
}

// Request is somebody who wants to connect. Either of Endpoint and Reject is
// called, once.
type Request interface {
	// Private is what the peer says.
	Private() []byte
	// Endpoint makes this end of the connection, so that receives can be
	// posted before anything comes. Connect accepts.
	Endpoint(limits Limits) (Endpoint, error)
	Reject()
}

// Endpoint is one end of a connection. Post, Poll and Wait with SendQueue
// belong to one goroutine at a time, those with ReceiveQueue to one as well,
// which may be another. Shut may be called from any at any moment.
type Endpoint interface {
	// Connect completes the connection: private is said to the peer, and what
	// it said is given where this end began.
	Connect(ctx context.Context, private []byte) (theirs []byte, err error)

	// Register makes memory known, so that it can be sent from and received
	// into, and by the peer's writes if remote is set. It lasts until Release.
	Register(mem []byte, remote bool) (Region, error)

	// PostReceive lets the next message that has no place yet land in a region.
	PostReceive(id uint64, into Region) error
	// PostSend sends the first n bytes of a region as a message.
	PostSend(id uint64, from Region, n int) error
	// PostWrite writes p, which lies in a region, to the peer's memory. p must
	// stay as it is until the write is done; who changes it writes it again.
	// It is ErrFull while there is no room.
	PostWrite(id uint64, from Region, p []byte, to Place) error

	// Poll takes what was done, if anything was, without waiting.
	Poll(q Queue) (Done, bool)
	// Wait waits until Poll has something, and then gives nil. Where nothing
	// can come any more it says why: ErrGone, ErrShut, or the peer's reason.
	Wait(q Queue) error

	// Gone says whether the peer has hung up, even where messages of it wait.
	Gone() bool
	// Shut ends the connection: whoever waits is freed, and the peer notices.
	Shut()
	// Close is Shut, and gives everything back. Nobody uses the endpoint any more.
	Close()
	// String names the peer.
	String() string
}

// Region is memory that was registered.
type Region interface {
	// Key is what the peer needs to write there; never 0.
	Key() uint32
	// Release ends it. No write lands there once it returns.
	Release() error
}

// Place is memory of the peer.
type Place struct {
	Address uint64
	Key     uint32
}

// Queue is one of an endpoint's two.
type Queue int

// The queues.
const (
	SendQueue    Queue = iota // messages and writes that are done
	ReceiveQueue              // messages that came
)

// Done is one piece of work that is done.
type Done struct {
	ID   uint64
	Size int   // of a message that came
	Err  error // nil: well
}

// Why work cannot go on.
var (
	// ErrFull: something must be polled first.
	ErrFull = errors.New("the queue is full")
	// ErrGone: the peer has hung up.
	ErrGone = errors.New("the peer has disconnected")
	// ErrShut: Shut was called.
	ErrShut = errors.New("the connection was shut")
	// ErrRejected: the peer does not want the connection.
	ErrRejected = errors.New("the connection was rejected")
)
