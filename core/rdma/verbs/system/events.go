package system

import (
	"context"
	"errors"
	"syscall"
)

// events are what the connection manager tells of connections.
type events struct {
	lib    *library
	handle uintptr // rdma_event_channel
	wait   *waiter
	next   *scratch
	came   event
	err    error
	try    func(uintptr) bool
}

// event is what was told, without what belongs to the library.
type event struct {
	kind    happening
	status  int32
	id      uintptr
	size    int
	private [255]byte
}

func (e *event) said() []byte { return e.private[:e.size] }

// newEvents makes a channel of events; it fails with the words of whoever needs it.
func (l *library) newEvents(failed string) (*events, error) {
	handle, err := l.take(l.createEventChannel)
	if err != nil {
		return nil, words(failed)
	}
	e := &events{lib: l, handle: handle}
	e.try = e.get
	if e.next, err = newScratch(); err == nil {
		e.wait, err = newWaiter(at[eventChannel](handle).fd)
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// words are an error of QEMU's.
type words string

func (w words) Error() string { return string(w) }

// wait gives the next event. It stays until the next call.
func (e *events) take(ctx context.Context) (*event, error) {
	if err := e.wait.within(ctx, e.try); err != nil {
		return nil, err
	}
	return &e.came, e.err
}

// get takes an event, if there is one, and gives it back to the library.
func (e *events) get(uintptr) bool {
	e.err = e.lib.do(e.lib.getEvent, e.handle, where(&e.next.event))
	if e.err != nil {
		return !errors.Is(e.err, syscall.EAGAIN)
	}
	from := at[cmEvent](e.next.event)
	e.came = event{kind: from.kind, status: from.status, id: from.id}
	if from.private != 0 {
		e.came.size = int(from.privateSize)
		for i := range e.came.said() {
			e.came.private[i] = *at[byte](from.private + uintptr(i))
		}
	}
	e.err = e.lib.do(e.lib.ackEvent, e.next.event)
	return true
}

// close gives the channel back. Nobody waits for it, and no connection uses it any more.
func (e *events) close() {
	if e.wait != nil {
		e.wait.close()
	}
	if e.next != nil {
		e.next.close()
	}
	e.lib.destroyEventChannel.call(e.handle)
}
