package hmp

import (
	"bytes"
	"context"
	"io"
	"os"

	"qmpmigrate/hmp/readline"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/passfd"
)

var _ passfd.Holder = (*session)(nil)

// session is the conversation with one client. One goroutine reads, so that the end of the connection is noticed while
// a command runs; another one edits lines and carries them out.
type session struct {
	monitor  *Monitor
	conn     io.ReadWriteCloser
	received *passfd.Receiver
	editor   *readline.Editor
	input    chan []byte     // closed at the end of the connection
	gone     chan struct{}   // the same
	ctx      context.Context // that of commands: of the server's life, because they outlive their client
	life     context.Context // that of the connection
}

func newSession(m *Monitor, conn io.ReadWriteCloser, life context.Context) *session {
	s := &session{
		monitor: m, conn: conn, received: passfd.NewReceiver(conn),
		input: make(chan []byte), gone: make(chan struct{}), life: life,
	}
	s.ctx = qapi.WithMonitor(m.server.ctx, s)
	s.editor = readline.NewEditor("(qemu) ", m.shell.history, s.complete)
	return s
}

// TakeFD hands over a descriptor that was stored with getfd.
func (s *session) TakeFD(name string) (*os.File, error) { return s.monitor.fds.Take(name) }

// Received is where descriptors of the client wait.
func (s *session) Received() *passfd.Receiver { return s.received }

// Named are the descriptors that have names.
func (s *session) Named() *passfd.Names { return &s.monitor.fds }

// run is the session from the banner to the end.
func (s *session) run() {
	go s.read()
	s.talk()
	s.conn.Close() // ends a read that waits
	for range s.input {
	}
	s.received.Close()
}

// read passes on what the client sends.
func (s *session) read() {
	defer close(s.input)
	defer close(s.gone)
	buf := make([]byte, readSize)
	for {
		n, err := s.received.Read(buf)
		if n > 0 {
			s.input <- bytes.Clone(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// talk greets, and then carries out what is typed until the session is over.
func (s *session) talk() {
	v := s.monitor.server.config.Version.QEMU
	greeting := new(output)
	greeting.printf("QEMU %d.%d.%d monitor - type 'help' for more information\n", v.Major, v.Minor, v.Micro)
	if !s.write(greeting.take()) || !s.resume() {
		return
	}
	for keys := range s.input {
		if !s.keys(keys) {
			return
		}
	}
}

// keys takes what was typed, and tells whether the session goes on.
func (s *session) keys(keys []byte) bool {
	var echo []byte
	for _, c := range keys {
		more, line, entered := s.editor.Key(c)
		echo = append(echo, more...)
		if !entered {
			continue
		}
		if !s.write(echo) || !s.carryOut(line) {
			return false
		}
		echo = echo[:0]
	}
	return s.write(echo)
}

// write sends bytes to the client, and tells whether that went well.
func (s *session) write(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	_, err := s.conn.Write(b)
	return err == nil
}
