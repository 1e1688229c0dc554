package migration

import (
	"context"
	"errors"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/ram"
)

// laneFailure is what went wrong with a lane, whatever became of the main channel.
type laneFailure struct{ error }

func (e laneFailure) Unwrap() error { return e.error }

// admitLanes lets the source's main channel in at l, and its lanes. Whoever
// comes after them is turned away until the bundle is closed.
func (in *incoming) admitLanes(l channels.Listener) (channels.Conn, error) {
	g := newGathering(in, l)
	in.onYank(g.yank)
	g.workers.Go(g.accept)
	if err := g.wait(); err != nil {
		g.drop()
		return nil, err
	}
	b := newBundle(g.main)
	b.add(g.lanes)
	b.before = g.close
	return b, nil
}

// wait returns when all channels are there, or never will be.
func (g *gathering) wait() error {
	tick := time.NewTicker(hangupTime)
	defer tick.Stop()
	var alone time.Time // when the main channel was seen to be without a source
	for {
		select {
		case <-g.done:
			return g.result()
		case <-g.ctx.Done():
			return context.Cause(g.ctx)
		case now := <-tick.C:
			switch main := g.mainChannel(); {
			case main == nil || !channels.Gone(main):
				alone = time.Time{}
			case alone.IsZero():
				alone = now
			case now.Sub(alone) > lastWordTime:
				return errDeaf
			}
		}
	}
}

// receive begins to read the lanes of conn, where it has some, for pages.
func (in *incoming) receive(ctx context.Context, conn channels.Conn, pages *ram.Loader) (*multifd.Receiver, error) {
	b, ok := conn.(*bundle)
	if !ok {
		return nil, nil
	}
	method, _, err := in.m.settings.LaneMethod()
	if err != nil {
		return nil, err
	}
	lanes, err := multifd.NewReceiver(b.all(), multifd.ReceiverConfig{
		Method: method, Count: in.m.loaded.Counters(), Ended: in.laneEnded, Trace: in.m.host.Trace(),
		// The main channel ends with the lanes; the source is still told why.
		Failed: func(error) { _ = channels.CloseRead(b.Conn) },
	})
	if err == nil {
		pages.Receive(ctx, lanes)
	}
	return lanes, err
}

// errCut is a lane that somebody else may have ended, in QEMU's words.
var errCut = errors.New("The TLS connection was non-properly terminated.")

// laneEnded says what is wrong with the end of a lane. Which machine comes is
// known by then.
func (in *incoming) laneEnded(conn channels.Conn) error {
	machine := ""
	if c := in.m.host.Guest().Configuration(); c != nil {
		machine = c.Machine
	}
	if t := tls.Of(conn); t != nil && t.Cut() && in.m.settings.Quirks(machine).CleanTLS {
		return errCut
	}
	return nil
}

// landed ends the lanes after the stream was loaded, or was not for err, and
// gives the reason if it is theirs.
func landed(lanes *multifd.Receiver, err error) error {
	if lanes == nil {
		return err
	}
	lanes.Close()
	if reason := lanes.Err(); err != nil && reason != nil {
		return laneFailure{reason}
	}
	return err
}
