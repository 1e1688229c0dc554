package system

import (
	"errors"
	"fmt"
	"syscall"

	"qmpmigrate/core/rdma/verbs"
)

// queue is one of an endpoint's two, and where its work is told to be done.
type queue struct {
	of       *endpoint
	work     *work
	comp, cq uintptr
	wait     *waiter
	try      func(uintptr) bool
	err      error // of try
	args     [3]uintptr

	limit int
	under []int // the sizes of what is under way, oldest first: work is done in its order
	next  verbs.Done
	known bool // next was taken from the library, but not polled yet
}

// open makes the queue for an endpoint that has a protection domain.
func (q *queue) open(e *endpoint, work *work, limit int, what string) (err error) {
	q.of, q.work, q.limit, q.try = e, work, limit, q.heard
	if q.comp, err = e.lib.take(e.lib.createCompChannel, e.verbs); err != nil {
		return fmt.Errorf("failed to allocate %s completion channel: %w", what, err)
	}
	if q.cq, err = e.lib.take(e.lib.createCQ, e.verbs, uintptr(limit+1), 0, q.comp, 0); err != nil {
		return fmt.Errorf("failed to allocate %s completion queue: %w", what, err)
	}
	q.wait, err = newWaiter(at[compChannel](q.comp).fd)
	return err
}

// close gives back what was made. Nothing uses it any more.
func (q *queue) close() {
	if q.cq != 0 {
		_ = q.of.lib.do(q.of.lib.destroyCQ, q.cq) // what is left belongs to the process
	}
	if q.wait != nil {
		q.wait.close()
	}
	if q.comp != 0 {
		_ = q.of.lib.do(q.of.lib.destroyCompChannel, q.comp) // as above
	}
}

// with are the arguments of a call, in a place that is there already: one more
// than a function takes does no harm.
func (q *queue) with(a, b, c uintptr) []uintptr {
	q.args = [3]uintptr{a, b, c}
	return q.args[:]
}

// posted takes note of work, and says why it could not be posted.
func (q *queue) posted(size int, r uintptr) error {
	if e := int32(r); e != 0 {
		if err := q.of.ended(); err != nil {
			return err
		}
		if e < 0 { // old libraries
			e = -e
		}
		if syscall.Errno(e) == syscall.ENOMEM {
			return verbs.ErrFull
		}
		return syscall.Errno(e)
	}
	q.under = append(q.under, size)
	return nil
}

func (q *queue) full() bool { return len(q.under) >= q.limit }

// poll takes what is done next.
func (q *queue) poll() (d verbs.Done, ok bool) {
	if !q.look() {
		return d, false
	}
	q.known = false
	q.under = q.under[:copy(q.under, q.under[1:])]
	return q.next, true
}

// look says whether something is done.
func (q *queue) look() bool {
	if q.known {
		return true
	}
	n := int32(q.of.ops[opPollCQ].call(q.with(q.cq, 1, where(&q.work.done))...))
	if n == 0 {
		return false
	}
	c := &q.work.done
	q.known, q.next = true, verbs.Done{ID: c.id, Size: int(c.size)}
	switch {
	case n < 0:
		q.next.Err = errors.New("the completion queue cannot be polled")
	case len(q.under) == 0:
		q.next.Err = fmt.Errorf("work %d is done that was not begun", c.id)
		q.under = append(q.under, 0)
	case c.status == statusFlushed:
		if q.next.Err = q.of.ended(); q.next.Err == nil {
			q.next.Err = verbs.ErrGone
		}
	case c.status != 0:
		q.next.Err = errors.New(text(q.of.lib.statusText, c.status))
	case q.work == &q.of.mem.queues[verbs.ReceiveQueue] && uint64(c.size) > uint64(q.under[0]):
		q.next.Err = fmt.Errorf("a message of %d bytes for a buffer of %d", c.size, q.under[0])
	}
	return true
}

// await waits until something is done. Once nothing more can come it says why.
func (q *queue) await() error {
	for !q.look() {
		// What is done from here on is told, and what was done before is found.
		if e := int32(q.of.ops[opReqNotifyCQ].call(q.with(q.cq, 0, 0)...)); e != 0 {
			return fmt.Errorf("the completion queue cannot be waited for: %w", syscall.Errno(e))
		}
		if q.look() {
			break
		}
		if err := q.of.ended(); err != nil {
			return err
		}
		if err := q.wait.until(q.try); err != nil {
			if q.look() {
				break
			}
			if ended := q.of.ended(); ended != nil {
				return ended
			}
			return err
		}
		if q.err != nil {
			return q.err
		}
	}
	return nil
}

// heard takes word that something is done, if there is any.
func (q *queue) heard(uintptr) bool {
	l := q.of.lib
	if q.err = l.do(l.getCQEvent, q.with(q.comp, where(&q.work.cq), where(&q.work.user))...); q.err != nil {
		return !errors.Is(q.err, syscall.EAGAIN)
	}
	l.ackCQEvents.call(q.with(q.work.cq, 1, 0)...)
	return true
}
