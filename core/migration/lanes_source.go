package migration

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/stream"
	"qmpmigrate/qapi"
)

// openLanes opens the lanes, where there shall be some. done ends them, before
// the channels are closed, and gives the reason for err if it is theirs.
func (o *outgoing) openLanes(s *sending, pages *ram.Options) (sender *multifd.Sender, done func(err error) error, err error) {
	b, ok := s.conn.(*links.Bundle)
	if !ok {
		return o.openFileLanes(s, pages.Mapped)
	}
	method, level, err := o.m.settings.LaneMethod()
	if err != nil {
		return nil, nil, err
	}
	conns, err := o.m.links.DialLanes(b, o.addr)
	if err != nil {
		return nil, nil, cmp.Or(context.Cause(o.ctx), err)
	}
	carriers, err := multifd.NewPackets(conns, multifd.PacketConfig{
		Method: method, Level: level, Count: o.stats.Counters(),
		FindZeros: o.m.settings.ZeroPages() == qapi.ZeroPageDetectionMultifd,
		ZeroCopy:  o.m.settings.Enabled(qapi.MigrationCapabilityZeroCopySend),
		Trace:     o.m.host.Trace(),
	})
	if err != nil {
		return nil, nil, err
	}
	sender = multifd.NewSender(carriers, multifd.SenderOptions{
		// Whoever writes to the main channel meanwhile is freed; what the
		// destination has to say about it is still heard.
		Failed: func(error) { channels.CloseWrite(b.Conn) },
		Thread: func(lane int) func() { return o.ownThread(fmt.Sprintf("mig/src/send_%d", lane)) },
		Trace:  o.m.host.Trace(),
	})
	return sender, func(err error) error {
		if err != nil {
			b.ShutLanes()
			err = laneError(sender, err)
		}
		sender.Close()
		if err == nil {
			b.Bye()
		}
		return err
	}, nil
}

// laned says how pages go that have lanes.
func (o *outgoing) laned(r *ram.Options, s *sending, sender *multifd.Sender) {
	r.Lanes = sender
	r.MainZeros = o.m.settings.ZeroPages() == qapi.ZeroPageDetectionLegacy
	r.SyncSections = s.quirks.SyncSections
}

// laneError prefers the reason why a lane failed to what came of it.
func laneError(lanes *multifd.Sender, err error) error {
	if reason := lanes.Err(); err != nil && reason != nil {
		if _, broke := errors.AsType[*channels.Error](err); broke {
			return reason
		}
	}
	return err
}

// gauge is the stream together with what goes beside it.
type gauge struct {
	*stream.Writer
	stats *ram.Stats
}

// Offset is how many bytes have gone to the destination.
func (g gauge) Offset() int64 {
	return g.Writer.Offset() + int64(g.stats.Preempted.Load()) + int64(g.stats.OnLanes.Load()) + int64(g.stats.Written.Load())
}
