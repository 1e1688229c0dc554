package chardev

import (
	"context"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// files is the source of devices that are files of the system, which stay open all the time.
type files struct {
	conf     *Config
	env      Env
	openPair func(c *Config, e Env) (in, out *os.File, err error)
	in, out  *os.File
}

func (f *files) open(context.Context) (*client, error) {
	var err error
	if f.in, f.out, err = f.openPair(f.conf, f.env); err != nil {
		return nil, err
	}
	conn, err := newPair(f.in, f.out)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, name: f.name()}, nil
}

func (f *files) next(context.Context) (*client, error) { return nil, io.EOF }
func (f *files) name() string                          { return string(f.conf.Backend) }

func (f *files) close() {
	if f.in != nil && f.in != f.out {
		f.in.Close()
	}
	if f.out != nil {
		f.out.Close()
	}
}

// openFile opens what a file device writes, and what it reads if it does.
func openFile(c *Config, e Env) (in, out *os.File, err error) {
	mode := os.O_TRUNC
	if c.Append {
		mode = os.O_APPEND
	}
	if out, err = openAt(e, c.Path, os.O_WRONLY|os.O_CREATE|mode); err != nil {
		return nil, nil, err
	}
	if c.Input != "" {
		if in, err = openAt(e, c.Input, os.O_RDONLY); err != nil {
			out.Close()
			return nil, nil, err
		}
	}
	return in, out, nil
}

// openPipe opens a pair of named pipes, or one for both directions where there is no such pair. Each is opened both
// ways, so that this neither waits for the peer nor ends with it.
func openPipe(c *Config, e Env) (in, out *os.File, err error) {
	in, inErr := openAt(e, c.Path+".in", os.O_RDWR)
	out, outErr := openAt(e, c.Path+".out", os.O_RDWR)
	if inErr == nil && outErr == nil {
		return in, out, nil
	}
	for _, f := range []*os.File{in, out} {
		if f != nil {
			f.Close()
		}
	}
	both, err := openAt(e, c.Path, os.O_RDWR)
	return both, both, err
}

// openSerial opens a terminal and switches it to single bytes.
func openSerial(c *Config, e Env) (in, out *os.File, err error) {
	both, err := openAt(e, c.Path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK)
	if err == nil {
		_ = makeRaw(int(both.Fd())) // what is no terminal is used as it is
	}
	return both, both, err
}

func openAt(e Env, path string, flag int) (*os.File, error) {
	f, err := e.OpenFile(path, flag, 0o666)
	if err != nil {
		return nil, failed(err, "Could not open '%s'", path)
	}
	return f, nil
}
