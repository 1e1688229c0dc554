package channels

import "golang.org/x/sys/unix"

// buffer is how much a UNIX socket or a pipe may hold. With the kernel's defaults (208 KiB, 64 KiB) the two sides of a
// fast channel wait for each other too often: measured between two processes, 1 MiB gives a quarter more throughput on
// UNIX sockets and half more through commands, at less processor time; more than that gives nothing.
const buffer = 1 << 20

// tune enlarges small buffers, and sees to it that nothing is paced inside of a machine. The kernel may refuse or give
// less; that costs speed only.
func (s *stream) tune() {
	_ = s.control(func(fd int) error {
		if size, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0); err == nil {
			if size < buffer {
				_, err = unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, buffer)
			}
			return err
		}
		switch domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); {
		case err != nil:
			return nil
		case domain == unix.AF_VSOCK:
			s.reader.eager = true
			return nil
		case domain != unix.AF_UNIX:
			return tuneTCP(fd)
		}
		if size, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF); err == nil && size < buffer {
			return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, buffer)
		}
		return nil
	})
}

// unsent is how much a channel that is to be prompt holds back of what was
// written, in bytes: more than a burst, so that it never runs dry.
const unsent = 256 << 10

// Prompt makes what is written to c leave soon: a write waits rather than fill
// a large buffer, which what is written next would have to wait behind. It
// costs nothing but a little speed where the kernel refuses, or c is no socket.
func Prompt(c Conn) {
	s, ok := bare(c)
	if !ok || !s.socket {
		return
	}
	_ = s.control(func(fd int) error {
		switch domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); {
		case err != nil:
			return err
		case domain == unix.AF_UNIX:
			return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, unsent)
		}
		return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent)
	})
}
