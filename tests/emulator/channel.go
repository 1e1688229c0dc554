package emulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A Channel is a way for a migration from one emulator to another.
type Channel struct {
	Name string
	open func(ctx context.Context, src, dst *Emulator) error
}

func (c Channel) String() string { return c.Name }

// Migrate starts a migration from src to dst, which was started with -incoming defer. It returns when both
// have accepted it; a channel that stores the stream in between returns when src has written all of it.
func (c Channel) Migrate(ctx context.Context, src, dst *Emulator) error { return c.open(ctx, src, dst) }

// TCP goes over a free port of the loopback.
func TCP() Channel {
	return Channel{"tcp", func(ctx context.Context, src, dst *Emulator) error {
		uri, err := dst.IncomingTCP(ctx)
		if err != nil {
			return err
		}
		return src.MigrateTo(ctx, uri)
	}}
}

// RDMA goes over an address of the loopback, which may be in brackets. With port 0 the destination picks one, and
// must be able to tell it.
func RDMA(host string, port int) Channel {
	return Channel{"rdma", func(ctx context.Context, src, dst *Emulator) error {
		uri := fmt.Sprintf("rdma:%s:%d", host, port)
		if err := dst.Incoming(ctx, uri); err != nil {
			return err
		}
		if port != 0 {
			return src.MigrateTo(ctx, uri)
		}
		m, err := dst.QueryMigrate(ctx)
		if err != nil {
			return err
		}
		if len(m.SocketAddress) != 1 || m.SocketAddress[0].Port == "" {
			return dst.explain(fmt.Errorf("socket-address is %+v", m.SocketAddress))
		}
		return src.MigrateTo(ctx, "rdma:"+host+":"+m.SocketAddress[0].Port)
	}}
}

// Unix goes over a unix socket.
func Unix() Channel {
	return Channel{"unix", func(ctx context.Context, src, dst *Emulator) error {
		uri := "unix:" + dst.socket()
		if err := dst.Incoming(ctx, uri); err != nil {
			return err
		}
		return src.MigrateTo(ctx, uri)
	}}
}

// Vsock goes over a port of this machine's own context, see VsockLoopback.
func Vsock() Channel {
	return Channel{"vsock", func(ctx context.Context, src, dst *Emulator) error {
		port, err := vsockPort()
		if err != nil {
			return err
		}
		uri := fmt.Sprintf("vsock:%d:%d", unix.VMADDR_CID_LOCAL, port)
		if err := dst.Incoming(ctx, uri); err != nil {
			return err
		}
		return src.MigrateTo(ctx, uri)
	}}
}

// VsockLoopback says why this machine cannot talk to itself over vsock, which takes the kernel's vsock_loopback.
func VsockLoopback() error {
	_, err := vsockPort()
	return err
}

// vsockPort is a port that nobody listens on.
func vsockPort() (uint32, error) {
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrVM{CID: unix.VMADDR_CID_LOCAL, Port: unix.VMADDR_PORT_ANY}); err != nil {
		return 0, err
	}
	addr, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return addr.(*unix.SockaddrVM).Port, nil
}

// Exec goes through a command on each side with a named pipe between the two.
func Exec() Channel {
	return Channel{"exec", func(ctx context.Context, src, dst *Emulator) error {
		pipe := filepath.Join(dst.Dir, "pipe")
		if err := unix.Mkfifo(pipe, 0o600); err != nil {
			return err
		}
		if err := dst.Incoming(ctx, "exec:cat "+pipe); err != nil {
			return err
		}
		return src.MigrateTo(ctx, "exec:cat > "+pipe)
	}}
}

// FD goes over a pair of connected sockets whose ends are handed to the emulators.
func FD() Channel {
	return Channel{"fd", func(ctx context.Context, src, dst *Emulator) error {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		return handed(ctx, src, dst, pair)
	}}
}

// Pipe is FD over a pipe, on which nothing comes back.
func Pipe() Channel {
	return Channel{"pipe", func(ctx context.Context, src, dst *Emulator) error {
		var pair [2]int
		if err := unix.Pipe2(pair[:], unix.O_CLOEXEC); err != nil {
			return err
		}
		return handed(ctx, src, dst, pair)
	}}
}

// handed migrates over two descriptors, the first of which is the destination's.
func handed(ctx context.Context, src, dst *Emulator, pair [2]int) error {
	for i, e := range []*Emulator{dst, src} {
		end := os.NewFile(uintptr(pair[i]), "migration")
		defer end.Close()
		if err := e.TakeFD(ctx, "migration", end); err != nil {
			return err
		}
	}
	if err := dst.Incoming(ctx, "fd:migration"); err != nil {
		return err
	}
	return src.MigrateTo(ctx, "fd:migration")
}

// File stores the stream in a file: the source is done before the destination starts.
func File() Channel { return FileAt("") }

// FileAt is File with options behind the path, as ",offset=4k".
func FileAt(options string) Channel {
	return Channel{"file" + strings.ReplaceAll(options, ",", "-"), func(ctx context.Context, src, dst *Emulator) error {
		uri := "file:" + filepath.Join(dst.Dir, "stream") + options
		if err := src.MigrateTo(ctx, uri); err != nil {
			return err
		}
		if _, err := src.WaitMigration(ctx, "completed"); err != nil {
			return err
		}
		return dst.Incoming(ctx, uri)
	}}
}

// FDSet is FileAt for files that the emulators do not open themselves. direct adds a descriptor that goes around the
// page cache.
func FDSet(options string, direct bool) Channel {
	return Channel{"fdset" + strings.ReplaceAll(options, ",", "-"), func(ctx context.Context, src, dst *Emulator) error {
		path := filepath.Join(dst.Dir, "stream")
		uri := "file:/dev/fdset/3" + options
		if err := src.addFDs(ctx, path, os.O_WRONLY|os.O_CREATE, direct); err != nil {
			return err
		}
		if err := src.MigrateTo(ctx, uri); err != nil {
			return err
		}
		if _, err := src.WaitMigration(ctx, "completed"); err != nil {
			return err
		}
		if err := dst.addFDs(ctx, path, os.O_RDONLY, direct); err != nil {
			return err
		}
		return dst.Incoming(ctx, uri)
	}}
}

func (e *Emulator) addFDs(ctx context.Context, path string, flags int, direct bool) error {
	list := []int{flags}
	if direct {
		list = append(list, flags|unix.O_DIRECT)
	}
	for _, flags := range list {
		file, err := os.OpenFile(path, flags, 0o600)
		if err != nil {
			return err
		}
		err = e.Monitor.ExecuteWithFile(ctx, "add-fd", map[string]any{"fdset-id": 3}, nil, file)
		file.Close()
		if err != nil {
			return e.explain(err)
		}
	}
	return nil
}

// TakeFD hands a descriptor to the emulator under a name. The caller still owns file.
func (e *Emulator) TakeFD(ctx context.Context, name string, file *os.File) error {
	err := e.Monitor.ExecuteWithFile(ctx, "getfd", map[string]any{"fdname": name}, nil, file)
	if err != nil {
		return e.explain(fmt.Errorf("handing over descriptor %s: %w", name, err))
	}
	return nil
}
