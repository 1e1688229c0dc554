package system

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// scratch is what a library is given to read or to write: memory that was
// mapped, which no collector knows.
type scratch struct {
	queues  [2]work
	event   uintptr // where an event is put
	id      uintptr // where an identifier is put
	on      int32   // the value of an option
	param   connParam
	private [255]byte
	address socketAddress
	init    qpInit
	device  deviceAttr
}

// work is what is posted to a queue and polled from it.
type work struct {
	send    sendWork
	receive receiveWork
	piece   piece
	done    completion
	bad     uintptr // where the work is put that could not be posted
	cq      uintptr // where the queue of an event is put
	user    uintptr
}

func newScratch() (*scratch, error) {
	mem, err := unix.MmapPtr(-1, 0, nil, unsafe.Sizeof(scratch{}), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, err
	}
	return (*scratch)(mem), nil
}

// where is where a part of a scratch is, for C.
func where[T any](part *T) uintptr { return uintptr(unsafe.Pointer(part)) }

func (s *scratch) close() { _ = unix.MunmapPtr(unsafe.Pointer(s), unsafe.Sizeof(*s)) } // it was mapped here
