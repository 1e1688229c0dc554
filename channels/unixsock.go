package channels

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// socketName is the path in the form that the standard library wants: '@' stands for the abstract namespace.
func (a UnixAddress) socketName() (string, error) {
	name := a.Path
	if strings.HasPrefix(name, "@") && !a.Abstract {
		name = "./" + name
	}
	if len(name) > MaxUnixPath {
		err := fmt.Errorf("UNIX socket path '%s' is too long", a.Path)
		return "", hinted{err, fmt.Sprintf("Path must be less than %d bytes", MaxUnixPath+1)}
	}
	if a.Abstract {
		name = "@" + name
		if a.Loose {
			name += strings.Repeat("\x00", MaxUnixPath+1-len(name))
		}
	}
	return name, nil
}

func dialUnix(ctx context.Context, a UnixAddress) (Conn, error) {
	name, err := a.socketName()
	if err != nil {
		return nil, err
	}
	var c net.Conn
	if name == "" {
		err = syscall.ECONNREFUSED // the standard library would bind a random name
	} else {
		c, err = new(net.Dialer).DialContext(ctx, "unix", name)
	}
	if err != nil {
		return nil, fail(fmt.Sprintf("Failed to connect to '%s'", a.Path), err)
	}
	return newUnix(c.(*net.UnixConn), a)
}

func newUnix(d descriptor, a UnixAddress) (Conn, error) {
	return newStream(d, "unix:"+a.Path, nounSocket)
}

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
