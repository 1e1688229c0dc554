package chardev

import (
	"context"
	"io"
	"sync"
)

// mux shares a device among front ends. One of them has the focus: it gets what is typed.
type mux struct {
	frontends []Frontend
	quit      func()

	focus int // outlives a client
	keys  muxKeys
	stamp lineStamp
}

func newMux(frontends []Frontend, quit func()) *mux {
	// The one that came last starts with the focus.
	return &mux{frontends: frontends, quit: quit, focus: len(frontends) - 1}
}

// serve runs all front ends with one client.
func (m *mux) serve(ctx context.Context, conn io.ReadWriteCloser) {
	s := &muxSession{mux: m, conn: conn}
	for i := range m.frontends {
		s.ports = append(s.ports, newPort(s, m.frontends[i].Held && i != m.focus))
	}
	for i, f := range m.frontends {
		if f.joins != nil {
			f.joins(s.ports[i])
		}
	}
	var reader, handlers sync.WaitGroup
	reader.Go(s.read)
	defer context.AfterFunc(ctx, s.hangUp)()
	for i, f := range m.frontends {
		handlers.Go(func() {
			defer s.ports[i].Close()
			f.Serve(ctx, s.ports[i])
		})
	}
	handlers.Wait()
	conn.Close()
	reader.Wait()
}

// muxSession is a mux with a client.
type muxSession struct {
	*mux
	conn  io.ReadWriteCloser
	ports []*port

	writing sync.Mutex // one at a time writes to conn
}

// hangUp ends the input of all front ends.
func (s *muxSession) hangUp() {
	for _, p := range s.ports {
		p.endInput()
	}
}

// read hands what is typed to the front end that has the focus.
func (s *muxSession) read() {
	defer s.hangUp()
	buf := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return
		}
		for _, b := range buf[:n] {
			switch action, b := s.keys.press(b); action {
			case keyData:
				s.ports[s.focus].put(b)
			case keyHelp:
				_, _ = s.write([]byte(muxHelp))
			case keyQuit:
				_, _ = s.write([]byte("QEMU: Terminated\n\r"))
				s.quit()
			case keySwitch:
				s.next()
			case keyStamp:
				s.writing.Lock()
				s.stamp.toggle()
				s.writing.Unlock()
			}
		}
	}
}

// next moves the focus on.
func (s *muxSession) next() {
	old := s.focus
	s.focus = (old + 1) % len(s.ports)
	if old == s.focus {
		return
	}
	if s.frontends[old].Held {
		s.ports[old].hold()
	}
	s.ports[s.focus].release()
}

// write sends what front ends have to say.
func (s *muxSession) write(b []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.stamp.on {
		_, err := s.conn.Write(s.stamp.lines(b))
		return len(b), err
	}
	return s.conn.Write(b)
}
