package channels

import (
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// past is a deadline that is over: it frees whoever waits in the poller.
var past = time.Unix(1, 0)

// Shutdown frees blocked calls. A socket is shut down in both directions, which its peer sees, too. Other descriptors
// have no such call: they are closed, once the calls that hold them have returned.
func (s *stream) Shutdown() error {
	s.down.Store(true)
	if !s.socket {
		return s.Close()
	}
	err := s.control(shutdownSocket)
	_ = s.desc.SetDeadline(past) // fails only on what is closed already
	if err != nil && !errors.Is(err, unix.ENOTCONN) {
		return fail("Unable to shutdown socket", err)
	}
	return nil
}

// shutdownSocket ends both directions. The end of a TCP connection's receiving side is a local affair, of which a peer
// that waits for room in our buffer never hears: so room is made first, and what it sends then is answered by a reset.
func shutdownSocket(fd int) error {
	if protocol, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); protocol != unix.IPPROTO_TCP {
		return unix.Shutdown(fd, unix.SHUT_RDWR)
	}
	unix.Shutdown(fd, unix.SHUT_WR)
	discard(fd)
	err := unix.Shutdown(fd, unix.SHUT_RDWR)
	discard(fd) // what came in between
	return err
}

// discard drops what a TCP socket has received, up to a limit that is beyond usual buffers: a fast peer could otherwise
// keep us here.
func discard(fd int) {
	const calls, size = 64, 1 << 20
	for range calls {
		n, _, errno := syscall.Syscall6(unix.SYS_RECVFROM, uintptr(fd), 0, size, unix.MSG_TRUNC|unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR && (errno != 0 || n == 0) {
			return
		}
	}
}
