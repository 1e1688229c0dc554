package chardev

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
)

// inheritSocket moves a socket that the process was started with to a number of our own. What this process opened by
// itself is close-on-exec and is refused, lest a wrong number hits another connection.
func inheritSocket(a channels.FDAddress) (*os.File, error) {
	number, ok := a.Number()
	var st unix.Stat_t
	if !ok || unix.Fstat(number, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return nil, fmt.Errorf("File descriptor '%s' is not a socket", a.Name)
	}
	flags, err := unix.FcntlInt(uintptr(number), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC != 0 {
		return nil, fmt.Errorf("File descriptor '%s' is not a socket", a.Name)
	}
	fd, err := unix.FcntlInt(uintptr(number), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, failed(err, "Unable to use file descriptor '%s'", a.Name)
	}
	if number > 2 {
		unix.Close(number)
	}
	return os.NewFile(uintptr(fd), "fd:"+a.Name), nil
}

// inherited is a listener on a socket that the process was started with.
type inherited struct {
	conf *Config
	net.Listener
	closing sync.Once
}

// inheritListener makes a socket listen that may do so already.
func inheritListener(conf *Config) (listener, error) {
	file, err := inheritSocket(conf.Address.FD)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := unix.Listen(int(file.Fd()), unix.SOMAXCONN); err != nil {
		return nil, failed(err, "Failed to listen on fd socket")
	}
	l, err := net.FileListener(file)
	if err != nil {
		return nil, failed(err, "Failed to listen on fd socket")
	}
	return &inherited{conf: conf, Listener: l}, nil
}

func (l *inherited) accept(ctx context.Context) (net.Conn, error) {
	defer context.AfterFunc(ctx, func() { l.Listener.Close() })()
	return l.Listener.Accept()
}

// name is that of the address that the socket turned out to have.
func (l *inherited) name() string { return disconnectedName(l.conf, addressOf(l.Addr())) }

// close removes a unix socket's file, as if the socket had been made here.
func (l *inherited) close() { l.closing.Do(l.remove) }

func (l *inherited) remove() {
	l.Listener.Close()
	path := addressOf(l.Addr()).Unix.Path
	if st, err := os.Lstat(path); err == nil && st.Mode().Type() == fs.ModeSocket {
		os.Remove(path)
	}
}

// addressOf is what a socket of the net package is bound to.
func addressOf(a net.Addr) channels.Address {
	address := channels.Address{Transport: channels.TransportSocket}
	switch a := a.(type) {
	case *net.TCPAddr:
		address.Type = channels.SocketInet
		address.Inet.Host, address.Inet.Port, _ = net.SplitHostPort(a.String())
	case *net.UnixAddr:
		address.Type = channels.SocketUnix
		address.Unix.Path, address.Unix.Abstract = strings.CutPrefix(a.Name, "@")
	}
	return address
}
