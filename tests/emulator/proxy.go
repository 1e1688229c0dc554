package emulator

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"sync"
)

// A Proxy stands between the two ends of a migration and harms the stream.
type Proxy struct {
	// Corrupt maps offsets in the stream to masks that their byte is XORed with.
	Corrupt map[int64]byte
	// Cut ends both connections after so many bytes; 0 is never.
	Cut int64

	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// Through makes a channel that leads through the proxy: over unix sockets, so that little is under way
// unseen. The proxy must not be used again.
func (p *Proxy) Through() Channel {
	return Channel{"proxy", func(ctx context.Context, src, dst *Emulator) error {
		p.target = filepath.Join(dst.Dir, "migration")
		if err := dst.Incoming(ctx, "unix:"+p.target); err != nil {
			return err
		}
		path := filepath.Join(src.Dir, "proxy")
		listener, err := net.Listen("unix", path)
		if err != nil {
			return err
		}
		p.listener = listener
		p.running.Go(p.serve)
		return src.MigrateTo(ctx, "unix:"+path)
	}}
}

// Close ends all connections and waits for what the proxy does.
func (p *Proxy) Close() {
	if p.listener != nil {
		p.listener.Close()
	}
	p.hangUp()
	p.running.Wait()
}

func (p *Proxy) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
}

// serve forwards one connection.
func (p *Proxy) serve() {
	near, err := p.listener.Accept()
	if err != nil {
		return
	}
	p.keep(near)
	far, err := net.Dial("unix", p.target)
	if err != nil {
		near.Close()
		return
	}
	p.keep(far)
	p.running.Go(func() {
		_, _ = io.Copy(near, far) // answers, or the end of the far side
		p.hangUp()
	})
	p.forward(far, near)
	p.hangUp()
}

// forward copies the stream with its harm; it ends with the stream, or where that is cut.
func (p *Proxy) forward(to io.Writer, from io.Reader) {
	buffer := make([]byte, 64<<10)
	for at := int64(0); p.Cut == 0 || at < p.Cut; {
		part := buffer
		if p.Cut != 0 {
			part = part[:min(int64(len(part)), p.Cut-at)]
		}
		n, err := from.Read(part)
		for offset, mask := range p.Corrupt {
			if offset >= at && offset < at+int64(n) {
				part[offset-at] ^= mask
			}
		}
		at += int64(n)
		if _, werr := to.Write(part[:n]); err != nil || werr != nil {
			return
		}
	}
}
