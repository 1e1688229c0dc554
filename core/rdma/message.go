package rdma

import (
	"errors"

	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// send sends a message once the peer is ready for it. The data is that of the
// control buffer behind the header, which the caller has put there (see room).
func (l *link) send(kind wire.RDMAControl, repeat uint32, size int) error {
	_, err := l.exchange(kind, repeat, size, wire.RDMANone, nil)
	return err
}

// exchange is send for a message that is answered: it gives the data of the
// answer, valid until the next exchange. meanwhile is done before the answer is
// waited for.
func (l *link) exchange(kind wire.RDMAControl, repeat uint32, size int, answer wire.RDMAControl, meanwhile func() error) ([]byte, error) {
	if l.err != nil {
		return nil, l.err
	}
	if l.owed {
		if _, _, err := l.take(slotReady, wire.RDMAReady); err != nil {
			return nil, err
		}
	}
	// Buffers are used in the order in which they are posted: an answer comes
	// before the next READY.
	if answer != wire.RDMANone {
		if err := l.post(slotData); err != nil {
			return nil, err
		}
	}
	if err := l.post(slotReady); err != nil {
		return nil, err
	}
	l.owed = true
	if err := l.put(kind, repeat, size); err != nil || answer == wire.RDMANone {
		return nil, err
	}
	if meanwhile != nil {
		l.points.issue.Tell()
		if err := meanwhile(); err != nil {
			return nil, l.fail(err)
		}
	}
	l.tell(l.points.waiting, answer)
	_, data, err := l.take(slotData, answer)
	if err == nil {
		l.tell(l.points.received, answer)
	}
	return data, err
}

// tell tells of a message of a kind.
func (l *link) tell(e *trace.Event, kind wire.RDMAControl) {
	if e.On() {
		e.Tell(trace.Str("desc", kind.String()))
	}
}

// receive says that this end is ready, and takes the message that comes. data is
// valid until the next receive.
func (l *link) receive(want wire.RDMAControl) (h wire.RDMAHeader, data []byte, err error) {
	if l.err != nil {
		return h, nil, l.err
	}
	if !l.posted {
		if err := l.post(slotReady); err != nil {
			return h, nil, err
		}
	}
	if !l.early {
		if err := l.put(wire.RDMAReady, 1, 0); err != nil {
			return h, nil, err
		}
	}
	l.posted, l.early = false, false
	return l.take(slotReady, want)
}

// room is where the data of the next message is put.
func (l *link) room() []byte { return l.buffers[slotControl].mem[wire.RDMAHeaderSize:] }

// put sends what room holds, whoever is ready or not.
func (l *link) put(kind wire.RDMAControl, repeat uint32, size int) error {
	l.tell(l.points.control, kind)
	b := &l.buffers[slotControl]
	l.head = wire.RDMAHeader{Size: uint32(size), Kind: kind, Repeat: repeat}.Append(l.head[:0])
	copy(b.mem, l.head)
	for {
		err := l.ep.PostSend(workSend, b.region, wire.RDMAHeaderSize+size)
		if err == nil {
			return l.reap(workSend)
		}
		if !errors.Is(err, verbs.ErrFull) {
			return l.broke("rdma migration: send polling control error", err)
		}
		if err := l.reap(workWrite); err != nil {
			return err
		}
	}
}

func (l *link) post(s slot) error {
	if err := l.ep.PostReceive(workReceive+uint64(s), l.buffers[s].region); err != nil {
		return l.broke("error posting control recv", err)
	}
	return nil
}

// take waits for the message that lands in a slot.
func (l *link) take(s slot, want wire.RDMAControl) (h wire.RDMAHeader, data []byte, err error) {
	const what = "rdma migration: recv polling control error!"
	l.tell(l.points.response, want)
	done, err := l.next(verbs.ReceiveQueue, what)
	if err != nil {
		return h, nil, err
	}
	if done.ID != workReceive+uint64(s) {
		return h, nil, l.broke(what, errors.New("a message came that nobody was ready for"))
	}
	if s == slotReady {
		l.owed = false
	}
	h, data, err = wire.ParseRDMAMessage(l.buffers[s].mem[:done.Size], want)
	if err != nil {
		l.told = h.Kind == wire.RDMAError
		return h, nil, l.fail(err)
	}
	return h, data, nil
}

// reap waits until work of a kind is done that was sent.
func (l *link) reap(kind uint64) error {
	for {
		done, err := l.next(verbs.SendQueue, "rdma migration: complete polling error!")
		if err != nil {
			return err
		}
		did := workKind(done.ID)
		if did == workWrite {
			l.wrote(done.ID)
		}
		if did == kind {
			return nil
		}
	}
}

// next waits for the next piece of work that is done.
func (l *link) next(q verbs.Queue, what string) (verbs.Done, error) {
	for {
		if done, ok := l.ep.Poll(q); ok {
			if done.Err != nil {
				return done, l.broke(what, done.Err)
			}
			return done, nil
		}
		if err := l.ep.Wait(q); err != nil {
			return verbs.Done{}, l.broke(what, err)
		}
	}
}
