package uffd

import (
	"encoding/binary"
	"errors"
)

// Fault is somebody who waits for a page.
type Fault struct {
	Address uint64
	Thread  uint32 // 0 without ThreadID
}

const (
	eventSize  = 32
	eventFault = 0x12
)

var errEvent = errors.New("userfaultfd: a torn event")

// Faults waits for faults and gives those that there are, at most len(into). A
// thread that is disturbed while it waits tells its fault again. A deadline of
// the file, or Close, ends the wait.
func (f *File) Faults(into []Fault) (n int, err error) {
	buf := make([]byte, eventSize*len(into))
	got, err := f.Read(buf)
	if err != nil {
		return 0, err
	}
	if got%eventSize != 0 {
		return 0, errEvent
	}
	for buf = buf[:got]; len(buf) > 0; buf = buf[eventSize:] {
		if buf[0] != eventFault {
			continue
		}
		into[n] = Fault{
			Address: binary.LittleEndian.Uint64(buf[16:]),
			Thread:  binary.LittleEndian.Uint32(buf[24:]),
		}
		n++
	}
	return n, nil
}
