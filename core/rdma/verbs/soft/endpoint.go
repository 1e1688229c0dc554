package soft

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

// endpoint is one end of a connection. A goroutine of its own reads the socket
// and puts what comes in its place.
type endpoint struct {
	conn    channels.Conn
	limits  verbs.Limits
	asked   bool // the peer began
	memory  memory
	reading sync.WaitGroup
	coming  [headSize]byte // the reader's

	queues [2]queue

	mu       sync.Mutex
	receives []receive // those that are posted, the next one first
	gone     bool      // the peer has hung up

	// sending is held while a frame is written.
	sending sync.Mutex
	head    [headSize]byte
	frame   [2][]byte
}

// receive is a buffer for a message.
type receive struct {
	id  uint64
	mem []byte
}

func newEndpoint(conn channels.Conn, limits verbs.Limits, asked bool) *endpoint {
	e := &endpoint{conn: conn, limits: limits, asked: asked}
	e.memory.regions = map[uint32]*region{}
	for i := range e.queues {
		e.queues[i].woken.L = &e.queues[i].mu
	}
	return e
}

func (e *endpoint) String() string { return e.conn.String() }

// Connect says hello, and begins to read.
func (e *endpoint) Connect(ctx context.Context, private []byte) (theirs []byte, err error) {
	if len(private) > verbs.MaxPrivate {
		return nil, fmt.Errorf("private data of %d bytes", len(private))
	}
	stop := context.AfterFunc(ctx, e.Shut)
	err = sayHello(e.conn, wants, private)
	if err == nil && !e.asked {
		theirs, err = hearHello(e.conn)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	e.reading.Go(e.read)
	return theirs, nil
}

func (e *endpoint) Register(mem []byte, remote bool) (verbs.Region, error) {
	return e.memory.register(mem, remote)
}

func (e *endpoint) PostReceive(id uint64, into verbs.Region) error {
	r, ok := into.(*region)
	if !ok || r.of != &e.memory {
		return errForeign
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.receives) >= e.limits.Receives {
		return verbs.ErrFull
	}
	e.receives = append(e.receives, receive{id, r.mem})
	return nil
}

var errForeign = errors.New("the memory is not registered with this connection")

func (e *endpoint) PostSend(id uint64, from verbs.Region, n int) error {
	r, ok := from.(*region)
	if !ok || r.of != &e.memory || n > len(r.mem) {
		return errForeign
	}
	return e.send(id, head{kind: kindSend, size: uint32(n)}, r.mem[:n])
}

func (e *endpoint) PostWrite(id uint64, from verbs.Region, p []byte, to verbs.Place) error {
	if r, ok := from.(*region); !ok || r.of != &e.memory || !r.holds(verbs.Address(p), uint64(len(p))) {
		return errForeign
	}
	return e.send(id, head{kindWrite, uint32(len(p)), to.Key, to.Address}, p)
}

// send writes a frame. It is done once the kernel has it: what the peer thinks
// of it is told later, by the end of the connection.
func (e *endpoint) send(id uint64, h head, p []byte) error {
	q := &e.queues[verbs.SendQueue]
	if q.len() >= e.limits.Sends {
		return verbs.ErrFull
	}
	if err := q.broken(); err != nil {
		return err
	}
	if err := e.put(h, p); err != nil {
		// The peer may have said why: the reader finds that before the end.
		e.reading.Wait()
		e.end(verbs.ErrGone)
		return q.broken()
	}
	q.add(verbs.Done{ID: id})
	return nil
}

func (e *endpoint) put(h head, p []byte) error {
	e.sending.Lock()
	defer e.sending.Unlock()
	h.put(&e.head)
	e.frame = [2][]byte{e.head[:], p}
	_, err := e.conn.WriteVec(e.frame[:])
	e.frame[1] = nil
	return err
}

func (e *endpoint) Poll(q verbs.Queue) (verbs.Done, bool) { return e.queues[q].poll() }
func (e *endpoint) Wait(q verbs.Queue) error              { return e.queues[q].wait() }

func (e *endpoint) Gone() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.gone
}

// Shut frees everybody: the reader by the end of the socket.
func (e *endpoint) Shut() {
	e.end(verbs.ErrShut)
	e.conn.Shutdown()
}

func (e *endpoint) Close() {
	e.Shut()
	e.reading.Wait()
	e.conn.Close()
}

// end says that nothing more comes, and why; the first reason stays.
func (e *endpoint) end(err error) {
	for i := range e.queues {
		e.queues[i].end(err)
	}
}
