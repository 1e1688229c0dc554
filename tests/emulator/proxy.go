package emulator

import (
	"context"
	"net"
	"slices"
	"sync"
)

// A Proxy stands between the two ends of a migration and harms the stream. It is good for one migration, or
// one try to recover it; connections that come after the first are forwarded, too, and end when it is cut.
type Proxy struct {
	// Corrupt maps offsets in the stream to masks that their byte is XORed with.
	Corrupt map[int64]byte
	// Cut ends all connections after so many bytes of the stream, CutBack after so many of what is answered;
	// 0 is never.
	Cut, CutBack int64
	// Cut and CutBack count from where Mark has passed in the stream of the first connection, or MarkBack in what
	// is answered there. If both are nil they count from the beginning.
	Mark, MarkBack []byte
	// Inject is put among what is answered once Mark has passed.
	Inject []byte
	// Lane is the number of the connection, in the order in which they come, that is harmed. With Alone a cut ends no
	// other one.
	Lane  int
	Alone bool
	// Ready, unless it is nil, is called before a cut, which waits for it: the stream stands meanwhile.
	Ready func()

	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  []net.Conn
	over   bool
	passed []int64       // bytes of the stream on each connection
	was    bool          // cut
	marked chan struct{} // closed when the mark has passed
}

// Through makes a channel that leads through the proxy: over unix sockets, so that little is under way
// unseen.
func (p *Proxy) Through() Channel {
	return Channel{"proxy", func(ctx context.Context, src, dst *Emulator) error {
		p.target = dst.socket()
		if err := dst.Incoming(ctx, "unix:"+p.target); err != nil {
			return err
		}
		uri, err := p.listen(src)
		if err != nil {
			return err
		}
		return src.MigrateTo(ctx, uri)
	}}
}

// Recover lets a migration that is paused in postcopy go on through the proxy.
func (p *Proxy) Recover(ctx context.Context, src, dst *Emulator) error {
	p.target = dst.socket()
	if err := dst.RecoverAt(ctx, "unix:"+p.target); err != nil {
		return err
	}
	uri, err := p.listen(src)
	if err != nil {
		return err
	}
	return src.Resume(ctx, uri)
}

// listen begins to serve on a socket in the source's folder.
func (p *Proxy) listen(src *Emulator) (uri string, err error) {
	path := src.socket()
	if p.listener, err = net.Listen("unix", path); err != nil {
		return "", err
	}
	p.marked = make(chan struct{})
	if p.Mark == nil && p.MarkBack == nil {
		close(p.marked)
	}
	p.running.Go(p.serve)
	return "unix:" + path, nil
}

// WasCut tells whether the connections were cut.
func (p *Proxy) WasCut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.was
}

// Passed tells how many bytes of the stream came on each connection, in the order of the connections.
func (p *Proxy) Passed() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.passed)
}

// pass counts what came on a connection.
func (p *Proxy) pass(lane int, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.passed) <= lane {
		p.passed = append(p.passed, 0)
	}
	p.passed[lane] += n
}

// Close ends all connections and waits for what the proxy does.
func (p *Proxy) Close() {
	p.hangUp()
	p.running.Wait()
}

// cut is hangUp where the proxy was told to.
func (p *Proxy) cut() {
	if p.Ready != nil {
		p.Ready()
	}
	p.mu.Lock()
	p.was = true
	p.mu.Unlock()
	if !p.Alone {
		p.hangUp()
	}
}

func (p *Proxy) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.listener != nil {
		p.listener.Close()
	}
	for _, c := range p.conns {
		c.Close()
	}
}

// keep has c closed when everything ends; if that is so already it returns false.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
	if p.over {
		c.Close()
	}
	return !p.over
}

// serve takes the connections.
func (p *Proxy) serve() {
	for lane := 0; ; lane++ {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("unix", p.target)
		if err != nil {
			near.Close()
			continue
		}
		if p.keep(near) && p.keep(far) {
			p.running.Go(func() { p.connect(near, far, lane) })
		}
	}
}

// connect forwards one connection until one of its ends closes it.
func (p *Proxy) connect(near, far net.Conn, lane int) {
	stream, answers := &pump{marked: p.marked}, &pump{marked: p.marked}
	gone := make(chan struct{})
	leave := sync.OnceFunc(func() { close(gone) })
	if lane == 0 {
		stream.mark, answers.mark = p.Mark, p.MarkBack
	}
	if lane == p.Lane {
		stream.corrupt, stream.limit = p.Corrupt, p.Cut
		answers.limit = p.CutBack
	}
	var both sync.WaitGroup
	if lane == 0 && p.Inject != nil {
		both.Go(func() {
			select {
			case <-p.marked:
				_, _ = near.Write(p.Inject)
			case <-gone:
			}
		})
	}
	for _, way := range []struct {
		*pump
		to, from net.Conn
	}{{stream, far, near}, {answers, near, far}} {
		both.Go(func() {
			cut := way.forward(way.to, way.from)
			if way.pump == stream {
				p.pass(lane, stream.at)
			}
			if cut {
				p.cut()
			}
			leave()
			near.Close()
			far.Close()
		})
	}
	both.Wait()
}
