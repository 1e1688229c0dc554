package channels

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrNoZeroCopy is the error for channels that cannot send from memory where it lies, in QEMU's words.
var ErrNoZeroCopy = errors.New("Zero copy send feature not detected in host kernel")

// errLockedMemory is the kernel's refusal to pin more pages, in QEMU's words.
var errLockedMemory = errors.New("Process can't lock enough memory for using MSG_ZEROCOPY")

// Uncopied writes to a socket such that the kernel sends from the caller's memory, which it pins until the peer has
// acknowledged the bytes: what changes meanwhile may or may not be sent as changed. It is for the one goroutine that
// writes to the channel, whose other methods go on working; what is written by either goes out in the order of calls.
type Uncopied struct {
	s       *stream
	header  unix.Msghdr
	control [128]byte // what the error queue says beside the bytes, of which there are none
	errno   syscall.Errno
	write   func(fd uintptr) bool
	wait    func(fd uintptr) bool

	queued   uint32 // calls that the kernel took; it numbers them so
	finished uint32 // of these are known to have gone out
	copied   uint32 // of these were copied all the same
}

// NewUncopied prepares c. The error is ErrNoZeroCopy if c is no socket for which the kernel can do this.
func NewUncopied(c Conn) (*Uncopied, error) {
	s, ok := c.(*stream)
	if !ok || !s.socket {
		return nil, ErrNoZeroCopy
	}
	if s.control(func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1) }) != nil {
		return nil, ErrNoZeroCopy
	}
	u := &Uncopied{s: s}
	u.write, u.wait = u.writeStep, u.waitStep
	return u, nil
}

// WriteVec is that of Conn; but the memory must stay readable until Flush returns.
func (u *Uncopied) WriteVec(iov [][]byte) (int64, error) {
	w := &u.s.writer
	w.rest = w.vec.load(iov)
	w.n, w.errno, u.errno = 0, 0, 0
	err := u.s.raw.Write(u.write)
	w.vec.reset()
	w.rest = nil
	switch {
	case err == nil && w.errno == 0:
		return w.n, nil
	case w.errno == unix.ENOBUFS:
		return w.n, errLockedMemory
	}
	return w.n, u.broken(err, w.errno)
}

// Flush waits until the kernel needs nothing any more of what was written. copied says that it had copied all of it
// nevertheless, as it does on its way to a peer on the same machine.
func (u *Uncopied) Flush() (copied bool, err error) {
	queued, before := u.queued-u.finished, u.copied
	u.errno = 0
	if err := u.s.raw.Write(u.wait); err != nil || u.errno != 0 {
		return false, u.broken(err, u.errno)
	}
	return queued > 0 && u.copied-before == queued, nil
}

// broken is the error of a call that the poller ended with err, or the kernel with errno.
func (u *Uncopied) broken(err error, errno syscall.Errno) error {
	switch {
	case u.s.down.Load():
		errno = syscall.EPIPE
	case err != nil: // closed
		errno = 0
	}
	return u.s.broken("Unable to write to", errno)
}

// writeStep is stream.writeStep with another system call. It leaves when there is room for the pages that a call pins:
// once the kernel says that there is none, some of those before must go.
func (u *Uncopied) writeStep(fd uintptr) bool {
	w := &u.s.writer
	for !w.vec.empty() {
		if u.s.down.Load() {
			w.errno = syscall.EPIPE
			return true
		}
		var n int
		n, w.errno = u.send(fd)
		switch {
		case w.errno == unix.ENOBUFS && u.queued != u.finished:
			if u.collect(fd) {
				continue
			}
			w.errno = u.errno
			return u.errno != 0
		case w.errno == unix.EAGAIN:
			return false
		case w.errno != 0:
			return true
		case n == 0:
			w.errno = syscall.EIO
			return true
		}
		u.queued++
		w.n += int64(n)
		w.vec.advance(uint64(n))
		if w.vec.empty() {
			w.rest = w.vec.load(w.rest)
		}
	}
	return true
}

func (u *Uncopied) send(fd uintptr) (int, syscall.Errno) {
	v := &u.s.writer.vec
	u.header = unix.Msghdr{Iov: &v.entries[v.lo], Iovlen: uint64(v.hi - v.lo)}
	for {
		n, _, errno := syscall.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&u.header)),
			unix.MSG_ZEROCOPY|unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

// waitStep is done when all calls are finished; false is "wait for the kernel to say more".
func (u *Uncopied) waitStep(fd uintptr) bool {
	for u.queued != u.finished {
		if u.s.down.Load() {
			u.errno = syscall.EPIPE
			return true
		}
		if !u.collect(fd) {
			return u.errno != 0
		}
	}
	return true
}

// collect takes one message from the error queue, if there is one. It tells of a range of calls.
func (u *Uncopied) collect(fd uintptr) bool {
	u.header = unix.Msghdr{Control: &u.control[0], Controllen: uint64(len(u.control))}
	_, _, errno := syscall.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&u.header)), unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	switch errno {
	case 0:
	case unix.EAGAIN, unix.EINTR:
		return errno == unix.EINTR
	default:
		u.errno = errno
		return false
	}
	head, data, _, err := unix.ParseOneSocketControlMessage(u.control[:u.header.Controllen])
	if err != nil || len(data) < int(unsafe.Sizeof(unix.SockExtendedErr{})) ||
		head.Level != unix.SOL_IP && head.Level != unix.SOL_IPV6 {
		u.errno = unix.EPROTO
		return false
	}
	what := (*unix.SockExtendedErr)(unsafe.Pointer(&data[0]))
	if what.Origin != unix.SO_EE_ORIGIN_ZEROCOPY || what.Errno != 0 {
		if u.errno = syscall.Errno(what.Errno); u.errno == 0 {
			u.errno = unix.EPROTO
		}
		return false
	}
	calls := what.Data - what.Info + 1
	u.finished += calls
	if what.Code&unix.SO_EE_CODE_ZEROCOPY_COPIED != 0 {
		u.copied += calls
	}
	return true
}
