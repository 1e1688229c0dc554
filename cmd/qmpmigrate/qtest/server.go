// Package qtest serves the protocol by which QEMU's tests look into guest
// memory: one line asks, one line answers.
package qtest

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"sync"
)

// Memory is guest-physical memory. Its methods may be called while the guest
// runs and migrates.
type Memory interface {
	ReadPhys(addr uint64, p []byte) error
	WritePhys(addr uint64, p []byte) error
}

const (
	// maxLine bounds a request: 4 MiB of memory in hexadecimal digits, and some words.
	maxLine = 8<<20 + 1<<10
	// maxSpan bounds the memory that one request is about.
	maxSpan = 16 << 20
)

// Server answers requests about one guest.
type Server struct {
	memory Memory
	log    *Log

	mu    sync.Mutex
	clock int64 // nanoseconds; it only goes as it is told to
}

// New makes a server; what it hears and says goes to log, which may be nil.
func New(memory Memory, log *Log) *Server {
	if log == nil {
		log = &Log{}
	}
	return &Server{memory: memory, log: log}
}

// Serve answers one client until it is gone.
func (s *Server) Serve(conn io.ReadWriter) error {
	s.log.opened()
	defer s.log.closed()
	in := bufio.NewReaderSize(conn, 64<<10)
	var out []byte
	for {
		line, err := readLine(in)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		s.log.received(line)
		out = append(s.answer(out[:0], line), '\n')
		s.log.sent(out)
		if _, err := conn.Write(out); err != nil {
			return err
		}
	}
}

var errTooLong = errors.New("qtest: a request is too long")

// readLine reads a line without its end.
func readLine(in *bufio.Reader) (string, error) {
	var long strings.Builder
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && long.Len() == 0 {
			return string(part[:len(part)-1]), nil
		}
		long.Write(part)
		switch {
		case err == nil:
			text := long.String()
			return text[:len(text)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		case long.Len() > maxLine:
			return "", errTooLong
		}
	}
}
