package chardev

import (
	"bytes"
	"io"
	"sync"
)

const (
	portInput = 4096     // bytes that are typed before a front end takes them
	portHeld  = 64 << 10 // bytes of output that wait until a front end gets the focus; the oldest go first
)

// port is a front end's connection to a shared device.
type port struct {
	session *muxSession

	mu      sync.Mutex
	changed sync.Cond // in, ended or closed
	in      []byte
	ended   bool // nothing more will be typed
	closed  bool

	output  sync.Mutex // guards what follows, and is held while it is written
	held    bool       // output waits
	waiting tail       // what waits
	line    tail       // the line that is being written, to show it again when the focus comes back
}

func newPort(s *muxSession, held bool) *port {
	p := &port{session: s, held: held, waiting: tail{limit: portHeld}, line: tail{limit: portInput}}
	p.changed.L = &p.mu
	return p
}

// put hands one key over. It waits for a front end that does not read.
func (p *port) put(b byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.in) >= portInput && !p.ended && !p.closed {
		p.changed.Wait()
	}
	p.in = append(p.in, b)
	p.changed.Broadcast()
}

func (p *port) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.in) == 0 && len(b) > 0 {
		if p.ended || p.closed {
			return 0, io.EOF
		}
		p.changed.Wait()
	}
	n := copy(b, p.in)
	p.in = append(p.in[:0], p.in[n:]...)
	p.changed.Broadcast()
	return n, nil
}

func (p *port) Write(b []byte) (int, error) {
	p.output.Lock()
	defer p.output.Unlock()
	if p.held {
		p.waiting.add(b)
		return len(b), nil
	}
	p.note(b)
	return p.session.write(b)
}

// note remembers the last line. Callers hold output.
func (p *port) note(b []byte) {
	if end := bytes.LastIndexByte(b, '\n'); end >= 0 {
		p.line.reset()
		b = b[end+1:]
	}
	p.line.add(b)
}

// hold ends the line and lets output wait from now on.
func (p *port) hold() {
	p.output.Lock()
	defer p.output.Unlock()
	_, _ = p.session.write([]byte("\r\n"))
	p.held = true
}

// release shows the line that was last, and what waited.
func (p *port) release() {
	p.output.Lock()
	defer p.output.Unlock()
	if !p.held {
		return
	}
	p.held = false
	text := append(bytes.Clone(p.line.last()), p.waiting.last()...)
	p.note(p.waiting.last())
	p.waiting.text = nil
	_, _ = p.session.write(text)
}

// endInput says that nothing more will be typed.
func (p *port) endInput() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.changed.Broadcast()
}

// Close ends this front end's share only.
func (p *port) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.changed.Broadcast()
	return nil
}
