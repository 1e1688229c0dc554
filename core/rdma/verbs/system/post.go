package system

import (
	"errors"

	"qmpmigrate/core/rdma/verbs"
)

var errForeign = errors.New("the memory is not registered with this connection")

// PostReceive lets the next message land in a region.
func (e *endpoint) PostReceive(id uint64, into verbs.Region) error {
	r, ok := into.(*region)
	if !ok || r.of != e {
		return errForeign
	}
	q := &e.queues[verbs.ReceiveQueue]
	if q.full() {
		return verbs.ErrFull
	}
	w := q.work
	var err error
	if w.piece, err = r.piece(r.mem); err != nil {
		return err
	}
	w.receive = receiveWork{id: id, pieces: where(&w.piece), count: 1}
	return q.posted(len(r.mem), e.ops[opPostRecv].call(q.with(e.qp, where(&w.receive), where(&w.bad))...))
}

// PostSend sends the beginning of a region as a message.
func (e *endpoint) PostSend(id uint64, from verbs.Region, n int) error {
	r, ok := from.(*region)
	if !ok || r.of != e || n > len(r.mem) {
		return errForeign
	}
	return e.send(r, r.mem[:n], sendWork{id: id, opcode: opcodeSend})
}

// PostWrite writes to the peer's memory.
func (e *endpoint) PostWrite(id uint64, from verbs.Region, p []byte, to verbs.Place) error {
	r, ok := from.(*region)
	if !ok || r.of != e || !r.holds(verbs.Address(p), uint64(len(p))) {
		return errForeign
	}
	return e.send(r, p, sendWork{id: id, opcode: opcodeWrite, addr: to.Address, key: to.Key})
}

func (e *endpoint) send(r *region, p []byte, as sendWork) error {
	q := &e.queues[verbs.SendQueue]
	if q.full() {
		return verbs.ErrFull
	}
	if err := e.ended(); err != nil {
		return err
	}
	w := q.work
	var err error
	if w.piece, err = r.piece(p); err != nil {
		return err
	}
	as.pieces, as.count, as.flags = where(&w.piece), 1, signaled
	w.send = as
	return q.posted(len(p), e.ops[opPostSend].call(q.with(e.qp, where(&w.send), where(&w.bad))...))
}

// maxPiece is how much one piece of work can be about, in bytes.
const maxPiece = 1 << 31

// piece is a part of the region, for a device.
func (r *region) piece(p []byte) (piece, error) {
	if len(p) > maxPiece {
		return piece{}, errors.New("more than one piece of work can be about")
	}
	return piece{addr: verbs.Address(p), size: uint32(len(p)), key: r.local}, nil
}
