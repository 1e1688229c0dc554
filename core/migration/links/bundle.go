package links

import (
	"context"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
)

// Bundle is a migration's main channel together with those beside it: its lanes,
// in most cases. Whatever shuts or closes the main channel does so to all.
type Bundle struct {
	channels.Conn
	ctx    context.Context // ends when the bundle is shut or closed
	cancel context.CancelFunc
	before func() // nil, or what Close does first

	mu    sync.Mutex
	lanes []channels.Conn
}

// NewBundle is a bundle without lanes yet.
func NewBundle(main channels.Conn) *Bundle {
	b := &Bundle{Conn: main}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Unwrap is the main channel, for those who want more of it than bytes.
func (b *Bundle) Unwrap() channels.Conn { return b.Conn }

// add makes lanes part of the bundle. Those of one that is shut are shut, too.
func (b *Bundle) add(lanes []channels.Conn) {
	b.mu.Lock()
	b.lanes = append(b.lanes, lanes...)
	b.mu.Unlock()
	if b.ctx.Err() != nil {
		b.ShutLanes()
	}
}

// Lanes are the channels beside the main one.
func (b *Bundle) Lanes() []channels.Conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lanes
}

// ShutLanes frees whoever waits for a lane.
func (b *Bundle) ShutLanes() {
	for _, l := range b.Lanes() {
		l.Shutdown()
	}
}

// Shutdown shuts all channels.
func (b *Bundle) Shutdown() error {
	b.cancel()
	b.ShutLanes()
	return b.Conn.Shutdown()
}

// Close closes all channels, the lanes first. Nobody uses the lanes any more.
func (b *Bundle) Close() error {
	b.cancel()
	if b.before != nil {
		b.before()
	}
	for _, l := range b.Lanes() {
		l.Close()
	}
	return b.Conn.Close()
}

// Bye ends the TLS of lanes that have sent everything: a destination of machine
// type 10.0 or later takes an end without that word for a broken channel, and
// older ones do not mind it.
func (b *Bundle) Bye() {
	for _, l := range b.Lanes() {
		if t := tls.Of(l); t != nil {
			_ = t.Bye() // a destination that has everything may be gone
		}
	}
}
