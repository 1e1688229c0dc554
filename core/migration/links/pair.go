package links

import (
	"context"
	"errors"
	"sync"
	"time"

	"qmpmigrate/channels"
)

// Pair is a migration's main channel together with the one that comes after it, on
// which what a destination asks for overtakes all else. Whatever shuts or closes
// the main channel does so to both.
type Pair struct {
	channels.Conn
	Ready  chan struct{} // closed when the second is there, or will not come
	ctx    context.Context
	cancel context.CancelFunc
	joined sync.WaitGroup // whoever brings the second

	mu     sync.Mutex
	second channels.Conn
	err    error // why there is no second
}

func NewPair(main channels.Conn) *Pair {
	p := &Pair{Conn: main, Ready: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Unwrap is the main channel, for those who want more of it than bytes.
func (p *Pair) Unwrap() channels.Conn { return p.Conn }

// Bring has get bring the second channel, beside whoever calls. It is called
// once. get's context ends when the pair is shut or closed.
func (p *Pair) Bring(get func(context.Context) (channels.Conn, error)) {
	p.joined.Go(func() {
		defer close(p.Ready)
		conn, err := get(p.ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.second, p.err = conn, err
		switch {
		case p.ctx.Err() == nil:
		case err == nil:
			conn.Shutdown()
		default:
			p.err = ErrHungUp
		}
	})
}

// ErrHungUp is a peer that hung up without a last word.
var ErrHungUp = errors.New("Channel error: Input/output error")

// hangupTime is how often whoever waits looks whether the peer is there still.
const hangupTime = 100 * time.Millisecond

// Await waits for done, unless ctx ends or the peer hangs up first.
func (p *Pair) Await(ctx context.Context, done <-chan struct{}) error {
	tick := time.NewTicker(hangupTime)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if channels.Gone(p.Conn) {
				return ErrHungUp
			}
		}
	}
}

// Other gives the second channel, or why there is none. It may be asked once it is ready.
func (p *Pair) Other() (channels.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.second, p.err
}

// Shutdown shuts both channels, and ends the wait for the second one.
func (p *Pair) Shutdown() error {
	p.mu.Lock()
	p.cancel()
	if p.second != nil {
		p.second.Shutdown()
	}
	p.mu.Unlock()
	return p.Conn.Shutdown()
}

// Close closes both channels, and ends the wait for the second one.
func (p *Pair) Close() error {
	p.cancel()
	p.joined.Wait()
	if second, _ := p.Other(); second != nil {
		second.Close()
	}
	return p.Conn.Close()
}
