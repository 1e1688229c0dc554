package channels

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// iovecs is the reusable argument of readv and writev, or of recvmsg and sendmsg: entries lo to hi are still to be filled or written.
type iovecs struct {
	entries [MaxVec]unix.Iovec
	lo, hi  int
	used    int // highest hi since the last reset, for forgetting pointers
	header  unix.Msghdr
}

// load takes as many buffers as there is room for, passing over empty ones, and returns the buffers that are left.
func (v *iovecs) load(buffers [][]byte) (rest [][]byte) {
	v.lo, v.hi = 0, 0
	for i, b := range buffers {
		if len(b) == 0 {
			continue
		}
		if v.hi == len(v.entries) {
			rest = buffers[i:]
			break
		}
		v.entries[v.hi] = unix.Iovec{Base: unsafe.SliceData(b), Len: uint64(len(b))}
		v.hi++
	}
	v.used = max(v.used, v.hi)
	return rest
}

// loadOne takes a single buffer.
func (v *iovecs) loadOne(b []byte) {
	v.lo, v.hi = 0, 0
	if len(b) > 0 {
		v.entries[0] = unix.Iovec{Base: unsafe.SliceData(b), Len: uint64(len(b))}
		v.hi, v.used = 1, max(v.used, 1)
	}
}

func (v *iovecs) empty() bool { return v.lo == v.hi }

// advance drops the first n bytes, which the kernel has dealt with.
func (v *iovecs) advance(n uint64) {
	for n > 0 {
		e := &v.entries[v.lo]
		if n < e.Len {
			e.Base = (*byte)(unsafe.Add(unsafe.Pointer(e.Base), n))
			e.Len -= n
			return
		}
		n -= e.Len
		v.lo++
	}
}

// reset forgets the caller's buffers.
func (v *iovecs) reset() {
	clear(v.entries[:v.used])
	v.lo, v.hi, v.used = 0, 0, 0
}

// call runs readv or writev on what is left, again when a signal interrupts it.
func (v *iovecs) call(trap, fd uintptr) (int, syscall.Errno) {
	for {
		first := unsafe.Pointer(&v.entries[v.lo])
		n, _, errno := syscall.Syscall(trap, fd, uintptr(first), uintptr(v.hi-v.lo))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}

// message is call for a socket, with recvmsg or sendmsg, that never waits. Therefore the scheduler is not told of it: such a
// call does nothing but copy memory, and who was told would give the processor away meanwhile, and wake threads to look for
// what they could do with it, several times for each of the lanes' packets.
func (v *iovecs) message(trap, fd uintptr) (int, syscall.Errno) {
	for {
		v.header = unix.Msghdr{Iov: &v.entries[v.lo], Iovlen: uint64(v.hi - v.lo)}
		n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(&v.header)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}
