package chardev

import (
	"context"
	"net"
	"os"

	"qmpmigrate/channels"
)

// listening is a listener on an address of our own.
type listening struct {
	conf    *Config
	sockets channels.Listener
}

func listen(ctx context.Context, conf *Config) (listener, error) {
	address := conf.Address
	if u := &address.Unix; address.Type == channels.SocketUnix && u.Path == "" && !u.Abstract {
		path, err := temporaryPath()
		if err != nil {
			return nil, err
		}
		u.Path = path
	}
	sockets, err := channels.Listen(ctx, address)
	if err != nil {
		return nil, err
	}
	return &listening{conf, sockets}, nil
}

// temporaryPath picks a path that nobody uses. The file that keeps others from it goes when the socket comes.
func temporaryPath() (string, error) {
	f, err := os.CreateTemp("", "qemu-socket-")
	if err != nil {
		return "", failed(err, "Failed to create temporary socket path")
	}
	defer f.Close()
	return f.Name(), nil
}

func (l *listening) accept(ctx context.Context) (net.Conn, error) {
	c, err := l.sockets.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return channels.Socket(c)
}

func (l *listening) name() string { return disconnectedName(l.conf, l.sockets.Addr()) }
func (l *listening) close()       { l.sockets.Close() }
