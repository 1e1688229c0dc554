package main

import (
	"context"
	"net"
	"os"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/qmp"
)

// monitors starts to serve the QMP monitors of the command line. They end with
// the server.
func (s *server) monitors() error {
	for _, m := range s.conf.QMP {
		monitor := s.qmp.NewMonitor(qmp.MonitorConfig{Pretty: m.Pretty, StayOnEOF: m.Chardev.Backend == "stdio"})
		if err := s.monitor(monitor, m.Chardev); err != nil {
			return m.Where.Errorf("%v", err)
		}
	}
	return nil
}

func (s *server) monitor(m *qmp.Monitor, c *cmdline.Chardev) error {
	ctx := context.Background()
	switch {
	case c.Backend == "stdio":
		conn, err := qmp.Stdio(os.Stdin, os.Stdout)
		if err != nil {
			return err
		}
		go serving(func() error { return m.ServeConn(ctx, conn) })
	case c.Backend == "socket" && c.Server:
		l := s.devices.listeners[c]
		if c.Wait {
			var err error
			if l, err = qmp.WaitFirst(ctx, l); err != nil {
				return err
			}
		}
		go serving(func() error { return m.ServeListener(ctx, l) })
	case c.Backend == "socket":
		return s.dial(m, c)
	}
	return nil
}

// dial serves a client that listens itself. Where it is not there yet, and no
// further try was asked for, the start fails.
func (s *server) dial(m *qmp.Monitor, c *cmdline.Chardev) error {
	dial := func(ctx context.Context) (net.Conn, error) {
		network, address := "unix", unixPath(c)
		if c.Net == cmdline.NetTCP {
			network, address = "tcp", net.JoinHostPort(c.Host, c.Port)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	if c.Reconnect > 0 {
		go serving(func() error { return m.ServeDial(context.Background(), dial, c.Reconnect) })
		return nil
	}
	conn, err := dial(context.Background())
	if err != nil {
		name := c.Path
		if c.Net == cmdline.NetTCP {
			name = net.JoinHostPort(c.Host, c.Port)
		}
		return failed(err, "Failed to connect to '%s'", name)
	}
	go serving(func() error { return m.ServeConn(context.Background(), conn) })
	return nil
}

// serving runs a monitor to its end. That comes with the server's own, or its
// client's: neither is an error of the process.
func serving(serve func() error) { _ = serve() }
