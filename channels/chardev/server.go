package chardev

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"qmpmigrate/channels"
)

// acceptRetry is the pause after a failed accept: descriptors may have run out, and come back.
const acceptRetry = time.Second

// server is the source that listens. One client is served at a time, others wait in the socket's queue.
type server struct {
	conf   *Config
	env    Env
	socket listener
}

// listener is a listening socket.
type listener interface {
	accept(ctx context.Context) (net.Conn, error)
	name() string // what it is called while nobody is connected
	close()
}

func (s *server) open(ctx context.Context) (*client, error) {
	var err error
	if s.conf.Address.Type == channels.SocketFD {
		s.socket, err = inheritListener(s.conf)
	} else {
		s.socket, err = listen(ctx, s.conf)
	}
	if err != nil || !s.conf.Wait {
		return nil, err
	}
	s.env.Info("QEMU waiting for connection on: " + s.name())
	return s.next(ctx)
}

func (s *server) next(ctx context.Context) (*client, error) {
	for {
		conn, err := s.socket.accept(ctx)
		var c *client
		if err == nil {
			c, err = newClient(s.conf, conn)
		}
		switch {
		case err == nil:
			return c, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrClosed):
			return nil, err
		}
		pause(ctx, acceptRetry)
	}
}

func (s *server) name() string {
	if s.socket == nil {
		return disconnectedName(s.conf, s.conf.Address)
	}
	return s.socket.name()
}

func (s *server) close() {
	if s.socket != nil {
		s.socket.close()
	}
}

// newClient puts the device's layers on a connection.
func newClient(conf *Config, conn net.Conn) (*client, error) {
	c := &client{conn: conn, name: connectedName(conf, conn), cut: func() { shutdown(conn) }}
	if conf.Telnet && conf.Server {
		t, err := negotiateTelnet(conn)
		if err != nil {
			conn.Close()
			return nil, err
		}
		c.conn = t
	}
	return c, nil
}

// shutdown ends a connection in both directions, which frees whoever waits for it.
func shutdown(conn net.Conn) {
	if c, ok := conn.(interface {
		CloseRead() error
		CloseWrite() error
	}); ok {
		_ = c.CloseWrite()
		_ = c.CloseRead()
	}
}
