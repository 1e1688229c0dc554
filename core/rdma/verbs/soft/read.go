package soft

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

// readBuffer is for headers and small messages; what is larger goes past it.
const readBuffer = 64 << 10

// refusal is what this end cannot do for its peer.
type refusal struct{ error }

// read takes frames until the connection ends.
func (e *endpoint) read() {
	in := bufio.NewReaderSize(e.conn, readBuffer)
	var err error
	for err == nil {
		err = e.next(in)
	}
	if bad, ok := errors.AsType[refusal](err); ok {
		e.end(bad.error)
		e.refuse(bad.Error())
		return
	}
	told, refused := errors.AsType[remoteError](err)
	e.mu.Lock()
	e.gone = true
	e.mu.Unlock()
	if refused {
		e.end(told)
	} else {
		e.end(verbs.ErrGone)
	}
	// Whoever writes is freed: nobody reads it any more.
	e.conn.Shutdown()
}

// remoteError is why the peer did not do what it was to do.
type remoteError string

func (r remoteError) Error() string { return "the peer refused " + string(r) }

// refuse tells the peer why its work was not done. Who does not read it finds
// the end.
func (e *endpoint) refuse(text string) {
	text = text[:min(len(text), maxRefusal)]
	if e.put(head{kind: kindBad, size: uint32(len(text))}, []byte(text)) == nil {
		_ = channels.CloseWrite(e.conn)
	}
}

func (e *endpoint) next(in *bufio.Reader) error {
	if _, err := io.ReadFull(in, e.coming[:]); err != nil {
		return err
	}
	h, err := parseHead(&e.coming)
	if err != nil {
		return refusal{err}
	}
	switch h.kind {
	case kindSend:
		return e.message(in, h)
	case kindWrite:
		return e.write(in, h)
	}
	text := make([]byte, h.size)
	if _, err := io.ReadFull(in, text); err != nil {
		return err
	}
	return remoteError(text)
}

// message lets a message land in the buffer that is posted for it.
func (e *endpoint) message(in io.Reader, h head) error {
	e.mu.Lock()
	if len(e.receives) == 0 {
		e.mu.Unlock()
		return refusal{errors.New("a message for which no buffer is posted")}
	}
	r := e.receives[0]
	e.receives = e.receives[:copy(e.receives, e.receives[1:])]
	e.mu.Unlock()
	if uint64(h.size) > uint64(len(r.mem)) {
		return refusal{fmt.Errorf("a message of %d bytes for a buffer of %d", h.size, len(r.mem))}
	}
	if _, err := io.ReadFull(in, r.mem[:h.size]); err != nil {
		return err
	}
	e.queues[verbs.ReceiveQueue].add(verbs.Done{ID: r.id, Size: int(h.size)})
	return nil
}

// write lets a write land where it is to go, if it may.
func (e *endpoint) write(in io.Reader, h head) error {
	e.memory.mu.RLock()
	defer e.memory.mu.RUnlock()
	mem, err := e.memory.target(h)
	if err != nil {
		return refusal{err}
	}
	_, err = io.ReadFull(in, mem)
	return err
}
