package main

import (
	"fmt"
	"io"
	"net"
	"os"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/qmp"
)

// chardevs are the process's character devices, opened in the order of the
// command line. A client that comes early waits in a listener's queue.
type chardevs struct {
	listeners map[*cmdline.Chardev]net.Listener
	files     map[*cmdline.Chardev]io.WriteCloser
}

func newChardevs() *chardevs {
	return &chardevs{
		listeners: map[*cmdline.Chardev]net.Listener{},
		files:     map[*cmdline.Chardev]io.WriteCloser{},
	}
}

func (d *chardevs) open(conf *cmdline.Config) error {
	for _, c := range conf.Chardevs {
		if err := d.openOne(c); err != nil {
			return c.Where.Errorf("%v", err)
		}
	}
	return nil
}

func (d *chardevs) openOne(c *cmdline.Chardev) error {
	switch c.Backend {
	case "null", "stdio":
		return nil
	case "file":
		f, err := openFile(c)
		if err == nil {
			d.files[c] = f
		}
		return err
	case "socket":
		if !c.Server {
			return nil
		}
		l, err := listen(c)
		if err == nil {
			d.listeners[c] = l
		}
		return err
	}
	return fmt.Errorf("character device backend '%s' is not supported yet by this build", c.Backend)
}

func openFile(c *cmdline.Chardev) (io.WriteCloser, error) {
	mode := os.O_TRUNC
	if c.Append {
		mode = os.O_APPEND
	}
	f, err := os.OpenFile(c.Path, os.O_WRONLY|os.O_CREATE|mode, 0o666)
	if err != nil {
		return nil, failed(err, "Could not open '%s'", c.Path)
	}
	return f, nil
}

func listen(c *cmdline.Chardev) (net.Listener, error) {
	switch c.Net {
	case cmdline.NetUnix:
		l, err := qmp.Listen("unix", unixPath(c))
		if err != nil {
			return nil, failed(err, "Failed to bind socket to %s", c.Path)
		}
		return l, nil
	case cmdline.NetTCP:
		l, err := qmp.Listen("tcp", net.JoinHostPort(c.Host, c.Port))
		if err != nil {
			return nil, failed(err, "Failed to find an available port")
		}
		return l, nil
	case cmdline.NetFD:
		f := os.NewFile(uintptr(c.FD), c.String())
		defer f.Close()
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("File descriptor '%d' is not a socket", c.FD)
		}
		return l, nil
	}
	return nil, fmt.Errorf("sockets of kind '%s' are not supported yet by this build", c.Net)
}

func unixPath(c *cmdline.Chardev) string {
	if c.Abstract {
		return "@" + c.Path
	}
	return c.Path
}

// writer is where a serial port's output goes.
func (d *chardevs) writer(c *cmdline.Chardev) io.Writer {
	switch c.Backend {
	case "stdio":
		return os.Stdout
	case "file":
		return d.files[c]
	}
	return io.Discard
}

func (d *chardevs) close() {
	for _, l := range d.listeners {
		l.Close()
	}
	for _, f := range d.files {
		f.Close()
	}
}
