package chardev

import (
	"context"
	"io"
)

// stdio is the source that is standard input and output.
type stdio struct {
	conf *Config
	env  Env
	tty  *terminal // nil: standard input is none
}

func (s *stdio) open(context.Context) (*client, error) {
	conn, err := newPair(s.env.In, s.env.Out)
	if err != nil {
		return nil, err
	}
	if s.tty = newTerminal(s.env.In, s.conf.Signal); s.tty != nil {
		s.tty.set(false)
	}
	return &client{conn: conn, name: s.name()}, nil
}

func (s *stdio) next(context.Context) (*client, error) { return nil, io.EOF }
func (s *stdio) name() string                          { return string(Stdio) }

// echo leaves the editing of lines to the terminal.
func (s *stdio) echo() {
	if s.tty != nil {
		s.tty.restore()
		s.tty = newTerminal(s.env.In, s.conf.Signal)
		s.tty.set(true)
	}
}

func (s *stdio) close() {
	if s.tty != nil {
		s.tty.restore()
	}
}
