package channels

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// sockaddr reads the numbers.
func (a VsockAddress) sockaddr() (*unix.SockaddrVM, error) {
	cid, err := strconv.ParseUint(a.CID, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("Failed to parse cid '%s'", a.CID)
	}
	port, err := strconv.ParseUint(a.Port, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("Failed to parse port '%s'", a.Port)
	}
	return &unix.SockaddrVM{CID: uint32(cid), Port: uint32(port)}, nil
}

// vsockSocket opens a socket that the runtime's poller knows: the standard library has no such family.
func vsockSocket() (int, error) {
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fail("Failed to create a socket", err)
	}
	return fd, nil
}

func dialVsock(ctx context.Context, a VsockAddress) (Conn, error) {
	addr, err := a.sockaddr()
	if err != nil {
		return nil, err
	}
	fd, err := vsockSocket()
	if err != nil {
		return nil, err
	}
	name := "vsock:" + a.CID + ":" + a.Port
	err = unix.Connect(fd, addr)
	file := os.NewFile(uintptr(fd), name)
	if errors.Is(err, unix.EINPROGRESS) {
		err = awaitConnect(ctx, file)
	}
	if err != nil {
		file.Close()
		return nil, fail(fmt.Sprintf("Failed to connect to '%s:%s'", a.CID, a.Port), err)
	}
	return newStream(file, name, nounSocket)
}

// awaitConnect waits until a connect has come to its end.
func awaitConnect(ctx context.Context, file *os.File) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = file.SetDeadline(past) })
	var result error
	err = raw.Write(func(fd uintptr) bool {
		if _, peer := unix.Getpeername(int(fd)); peer == nil {
			return true
		}
		pending, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			result = err
		case pending != 0:
			result = syscall.Errno(pending)
		}
		return result != nil
	})
	if !stop() { // the deadline is set, or will be
		return ctx.Err()
	}
	if result != nil {
		return result
	}
	return err
}

func listenVsock(a VsockAddress) (Listener, error) {
	addr, err := a.sockaddr()
	if err != nil {
		return nil, err
	}
	fd, err := vsockSocket()
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "vsock:"+a.CID+":"+a.Port)
	if err := unix.Bind(fd, addr); err != nil {
		file.Close()
		return nil, fail("Failed to bind socket", err)
	}
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		file.Close()
		return nil, fail("Failed to listen on socket", err)
	}
	wrap := func(d descriptor) (Conn, error) { return newStream(d, file.Name(), nounSocket) }
	addrs := []Address{{Transport: TransportSocket, Type: SocketVsock, Vsock: a}}
	return newSocketListener([]acceptor{vsockAcceptor{file}}, addrs, wrap, nil), nil
}

type vsockAcceptor struct{ *os.File }

func (l vsockAcceptor) accept() (descriptor, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	waitErr := raw.Read(func(listening uintptr) bool {
		for {
			fd, _, err = unix.Accept4(int(listening), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
			if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ECONNABORTED) {
				return !errors.Is(err, unix.EAGAIN)
			}
		}
	})
	if waitErr != nil {
		return nil, os.ErrClosed
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), l.Name()), nil
}
