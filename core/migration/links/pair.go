package links

import (
	"context"
	"errors"
	"sync"
	"time"

	"qmpmigrate/channels"
)

// Pair is a bundle of two: a migration's main channel, and the one that comes
// after it, on which what a destination asks for overtakes all else.
type Pair struct {
	*Bundle
	Ready  chan struct{}  // closed when the second is there, or will not come
	joined sync.WaitGroup // whoever brings the second
	err    error          // why there is no second; valid once Ready is closed
}

// NewPair is a pair without its second channel.
func NewPair(main channels.Conn) *Pair {
	p := &Pair{Bundle: NewBundle(main), Ready: make(chan struct{})}
	p.before = p.joined.Wait
	return p
}

// Bring has get bring the second channel, beside whoever calls. It is called
// once. get's context ends when the pair is shut or closed.
func (p *Pair) Bring(get func(context.Context) (channels.Conn, error)) {
	p.joined.Go(func() {
		defer close(p.Ready)
		conn, err := get(p.ctx)
		switch {
		case err == nil:
			p.add([]channels.Conn{conn})
		case p.ctx.Err() != nil:
			p.err = ErrHungUp
		default:
			p.err = err
		}
	})
}

// Other gives the second channel, or why there is none. It may be asked once it is ready.
func (p *Pair) Other() (channels.Conn, error) {
	if p.err != nil {
		return nil, p.err
	}
	return p.Lanes()[0], nil
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
