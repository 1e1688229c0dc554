package qmp

import (
	"context"
	"errors"
	"io"
	"os"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/passfd"
	"qmpmigrate/qapi/qobject"
)

var _ passfd.Holder = (*session)(nil)

// session is the conversation with one client. Its goroutine reads, and runs what it reads one by one. Once
// out-of-band execution was negotiated, in-band requests are handed to a second goroutine through a queue.
type session struct {
	monitor *Monitor
	conn    io.ReadWriteCloser
	out     *output
	fds     *passfd.Receiver
	parser  qobject.Parser
	ctx     context.Context // that of commands: of the server's life, because they outlive their client
	life    context.Context // that of the connection

	negotiated bool // commands can be called
	listening  bool // events are sent
	oob        bool // out-of-band execution is on

	queue   *requestQueue // with oob
	scratch []byte        // of the goroutine that runs in-band requests
	urgent  []byte        // of the reader, for out-of-band ones
}

// newSession prepares a session whose connection is closed when life is done.
func newSession(m *Monitor, conn io.ReadWriteCloser, life context.Context) *session {
	s := &session{monitor: m, conn: conn, out: newOutput(conn, m.config.Pretty), life: life, fds: passfd.NewReceiver(conn)}
	s.ctx = qapi.WithMonitor(m.server.ctx, s)
	return s
}

// TakeFD hands over a descriptor that the client stored with getfd.
func (s *session) TakeFD(name string) (*os.File, error) { return s.monitor.fds.Take(name) }

// Received is where descriptors of the client wait.
func (s *session) Received() *passfd.Receiver { return s.fds }

// Named are the descriptors that have names.
func (s *session) Named() *passfd.Names { return &s.monitor.fds }

// run is the session from the greeting to the end.
func (s *session) run() {
	s.out.send(appendGreeting(nil, &s.monitor.server.config.Version, !s.monitor.config.NoOOB))
	atEOF := s.readRequests()
	if s.queue != nil {
		s.queue.end(atEOF && s.monitor.config.StayOnEOF)
	}
	if atEOF {
		// The client may have closed only its own direction. Where that is usual it gets the events, too.
		_ = s.out.wait(s.life, 0)
		if s.monitor.config.StayOnEOF {
			_ = s.out.waitBroken(s.life)
		}
	}
	s.monitor.server.events.remove(s.out)
	s.conn.Close()
	s.out.end()
	s.fds.Close()
}

// readRequests takes requests until the connection ends, and tells whether that was the end of the input.
func (s *session) readRequests() (atEOF bool) {
	buf := make([]byte, readSize)
	take := s.take // bound once
	for {
		n, err := s.fds.Read(buf)
		s.parser.Feed(buf[:n], take)
		if err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// take is called for everything that the parser finds.
func (s *session) take(v any, err error) {
	if s.out.wait(s.life, maxReplies) != nil {
		return
	}
	req := newRequest(v, err, s.oob)
	if object, ok := v.(*qobject.Dict); ok {
		s.parser.Recycle(object) // the request has what was in it
	}
	switch {
	case !s.oob:
		s.scratch = s.execute(s.scratch, &req)
	case req.oob:
		s.urgent = s.executeNow(s.urgent, &req)
	default:
		s.queue.put(req)
	}
}

// execute waits for its turn, runs a request and sends the reply before others have theirs. It uses and returns a
// scratch buffer.
func (s *session) execute(scratch []byte, req *request) []byte {
	if s.monitor.server.takeTurn(s.ctx) != nil {
		return scratch
	}
	defer s.monitor.server.leaveTurn()
	reply := s.answer(scratch[:0], req)
	if s.negotiated && !s.listening {
		s.enter(reply)
	} else {
		s.out.send(reply)
	}
	return trimmed(reply)
}

// executeNow is execute without waiting, for out-of-band requests.
func (s *session) executeNow(scratch []byte, req *request) []byte {
	select {
	case <-s.monitor.server.stopping:
		return scratch
	default:
	}
	reply := s.answer(scratch[:0], req)
	s.out.send(reply)
	return trimmed(reply)
}
