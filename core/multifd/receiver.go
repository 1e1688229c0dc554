package multifd

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
)

// Receiver takes pages in from lanes. Sync and Place belong to the incoming
// goroutine; the other methods may be called from any.
type Receiver struct {
	config ReceiverConfig
	points receiverPoints
	blocks atomic.Pointer[map[string]*memory.Block]
	lanes  []*receiving
	joined sync.WaitGroup

	ended chan int // the numbers of lanes on which nothing more comes

	ending
}

// ReceiverConfig is how a receiver takes pages in.
type ReceiverConfig struct {
	// Method is how payloads are written.
	Method Method
	// Count is where what comes in is counted.
	Count Counters
	// Ended is asked about a lane on which nothing more comes: what is wrong
	// with that, where it is known to be err, which is nil at a place where a
	// lane may end. It may be nil.
	Ended func(conn channels.Conn, err error) error
	// Failed is called once, from a lane's goroutine, if a lane fails. It may
	// be nil.
	Failed func(error)
	// Trace is where the trace events are, nil for none.
	Trace *trace.Set
}

// NewReceiver begins to read lanes, of which number i is conns[i]. It shuts
// them at its end, but does not close them.
func NewReceiver(conns []channels.Conn, config ReceiverConfig) (*Receiver, error) {
	r := &Receiver{config: config, points: newReceiverPoints(config.Trace),
		ending: ending{stop: make(chan struct{})}, ended: make(chan int, len(conns))}
	r.blocks.Store(&map[string]*memory.Block{})
	for i, conn := range conns {
		l := &receiving{id: i, conn: conn, receiver: r,
			reached: make(chan struct{}, 1), release: make(chan struct{}, 1)}
		if config.Method.NewDecoder != nil {
			var err error
			if l.decoder, err = config.Method.NewDecoder(); err != nil {
				r.closeDecoders()
				return nil, fmt.Errorf("multifd %d: %w", i, err)
			}
		}
		r.lanes = append(r.lanes, l)
	}
	for _, l := range r.lanes {
		r.joined.Go(func() {
			r.points.start.Tell(trace.Int("id", l.id))
			if err := l.read(); err != nil {
				r.fail(err)
			}
			r.points.end.Tell(trace.Int("id", l.id), trace.Uint("packets", l.packets))
			r.ended <- l.id
		})
	}
	return r, nil
}

// Place says which blocks there are; before, a page of any is an error. The
// blocks stay as they are until Close.
func (r *Receiver) Place(blocks map[string]*memory.Block) { r.blocks.Store(&blocks) }

// Seal ends what Place began: the VM runs, and nothing but syncs comes any more.
func (r *Receiver) Seal() { r.Place(map[string]*memory.Block{}) }

// Sync waits until each lane has come to its next sync, and lets them go on.
func (r *Receiver) Sync(ctx context.Context) error {
	for i, l := range r.lanes {
		r.points.wait.Tell(trace.Int("id", i))
		if err := r.await(ctx, l); err != nil {
			return err
		}
	}
	last := uint64(0)
	for i, l := range r.lanes {
		last = max(last, l.packet.Number) // the lane waits
		r.points.signal.Tell(trace.Int("id", i))
		l.release <- struct{}{}
	}
	r.points.synced.Tell(trace.Uint("packet_num", last))
	return nil
}

// await waits for one lane. A lane that has ended cannot come to the sync any
// more, whichever it is: those that have come to it wait there.
func (r *Receiver) await(ctx context.Context, l *receiving) error {
	select {
	case <-l.reached:
		return nil
	case <-r.stop:
		return r.err
	case <-ctx.Done():
		return context.Cause(ctx)
	case id := <-r.ended:
		return fmt.Errorf("multifd %d: the channel ended before the other ones", id)
	}
}

// fail ends the lanes because one of them failed.
func (r *Receiver) fail(err error) {
	r.end(err, func() {
		r.shut(true)
		if r.config.Failed != nil {
			r.config.Failed(err)
		}
	})
}

// shut frees whoever waits for a lane.
func (r *Receiver) shut(failed bool) {
	r.points.terminate.Tell(trace.Bool("error", failed))
	for _, l := range r.lanes {
		l.conn.Shutdown()
	}
}

// Close shuts the lanes and waits for their end: nothing comes in any more.
func (r *Receiver) Close() {
	r.end(errClosed, func() { r.shut(false) })
	r.joined.Wait()
	r.closeDecoders()
}

func (r *Receiver) closeDecoders() {
	for _, l := range r.lanes {
		if l.decoder != nil {
			l.decoder.Close()
			l.decoder = nil
		}
	}
}
