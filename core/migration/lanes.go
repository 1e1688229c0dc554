package migration

import (
	"context"
	"fmt"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/multifd"
	"qmpmigrate/qapi"
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

// laneCount is how many lanes a migration has: none without multifd.
func (o *options) laneCount() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.capabilities[qapi.MigrationCapabilityMultifd] {
		return 0
	}
	return int(*o.parameters.MultifdChannels)
}

// laneMethod is how lanes encode pages, and at what level.
func (o *options) laneMethod() (m multifd.Method, level int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch c := *o.parameters.MultifdCompression; c {
	case qapi.MultiFDCompressionNone:
		return multifd.None(), 0, nil
	case qapi.MultiFDCompressionZlib:
		return multifd.Zlib(), int(*o.parameters.MultifdZlibLevel), nil
	case qapi.MultiFDCompressionZstd:
		return multifd.Zstd(), int(*o.parameters.MultifdZstdLevel), nil
	default:
		return m, 0, fmt.Errorf("multifd-compression '%s' is not supported yet by this build", c)
	}
}

// laneUUID is the UUID that lanes open with, zeros where the VM has none.
func (m *Migration) laneUUID() (id [16]byte) {
	if own := m.host.UUID(); own != nil {
		id = *own
	}
	return id
}
