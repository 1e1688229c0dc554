package channels

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// listenUnix replaces whatever file is at the path, and removes its own socket, but nobody else's, at the end.
func listenUnix(ctx context.Context, a UnixAddress) (Listener, error) {
	name, err := a.socketName()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errors.New("invalid Unix socket address")
	}
	if !a.Abstract {
		if err := syscall.Unlink(a.Path); err != nil && err != syscall.ENOENT {
			return nil, fail("Failed to unlink socket "+a.Path, err)
		}
	}
	bound, err := new(net.ListenConfig).Listen(ctx, "unix", name)
	if err != nil {
		return nil, fail("Failed to bind socket to "+a.Path, err)
	}
	socket := bound.(*net.UnixListener)
	socket.SetUnlinkOnClose(false)
	var cleanup func()
	if !a.Abstract {
		cleanup = removeOwn(a.Path)
	}
	addr := Address{Transport: TransportSocket, Type: SocketUnix, Unix: a}
	wrap := func(d descriptor) (Conn, error) { return newUnix(d, a) }
	return newSocketListener([]acceptor{unixAcceptor{socket}}, []Address{addr}, wrap, cleanup), nil
}

// removeOwn returns a function that removes the file at the path if it is still the one that is there now: another
// server may take the path over.
func removeOwn(path string) func() {
	own, err := os.Lstat(path)
	return func() {
		now, nowErr := os.Lstat(path)
		if err == nil && nowErr == nil && os.SameFile(own, now) && now.Mode().Type() == fs.ModeSocket {
			os.Remove(path)
		}
	}
}

type unixAcceptor struct{ *net.UnixListener }

func (l unixAcceptor) accept() (descriptor, error) { return accepted(l.AcceptUnix()) }
