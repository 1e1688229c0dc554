package migration

import (
	"context"
	"sync"

	"qmpmigrate/channels"
)

// bundle is a migration's main channel together with its lanes. Whatever shuts
// or closes the main channel does so to all.
type bundle struct {
	channels.Conn
	ctx    context.Context // ends when the bundle is shut or closed
	cancel context.CancelFunc
	before func() // nil, or what Close does first

	mu    sync.Mutex
	lanes []channels.Conn
}

func newBundle(main channels.Conn) *bundle {
	b := &bundle{Conn: main}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Unwrap is the main channel, for those who want more of it than bytes.
func (b *bundle) Unwrap() channels.Conn { return b.Conn }

// add makes lanes part of the bundle. Those of one that is shut are shut, too.
func (b *bundle) add(lanes []channels.Conn) {
	b.mu.Lock()
	b.lanes = append(b.lanes, lanes...)
	b.mu.Unlock()
	if b.ctx.Err() != nil {
		b.shutLanes()
	}
}

func (b *bundle) all() []channels.Conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lanes
}

// shutLanes frees whoever waits for a lane.
func (b *bundle) shutLanes() {
	for _, l := range b.all() {
		l.Shutdown()
	}
}

// Shutdown shuts all channels.
func (b *bundle) Shutdown() error {
	b.cancel()
	b.shutLanes()
	return b.Conn.Shutdown()
}

// Close closes all channels, the lanes first. Nobody uses the lanes any more.
func (b *bundle) Close() error {
	b.cancel()
	if b.before != nil {
		b.before()
	}
	for _, l := range b.all() {
		l.Close()
	}
	return b.Conn.Close()
}

// laneUUID is the UUID that lanes open with, zeros where the VM has none.
func (m *Migration) laneUUID() (id [16]byte) {
	if own := m.host.UUID(); own != nil {
		id = *own
	}
	return id
}
