package migration

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"qmpmigrate/channels"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// openLanes opens the lanes, where there shall be some. done ends them, before
// the channels are closed, and gives the reason for err if it is theirs.
func (o *outgoing) openLanes(s *sending, pages *ram.Options) (sender *multifd.Sender, done func(err error) error, err error) {
	b, ok := s.conn.(*bundle)
	if !ok {
		return o.openFileLanes(s, pages.Mapped)
	}
	method, level, err := o.m.settings.LaneMethod()
	if err != nil {
		return nil, nil, err
	}
	conns, err := o.dialLanes(b)
	if err != nil {
		return nil, nil, err
	}
	carriers, err := multifd.NewPackets(conns, multifd.PacketConfig{
		UUID: o.m.laneUUID(), Introduced: true, Method: method, Level: level, Count: o.stats.Counters(),
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
			b.shutLanes()
			err = laneError(sender, err)
		}
		sender.Close()
		if err == nil {
			b.bye()
		}
		return err
	}, nil
}

// dialLanes connects all lanes at once, behind the main channel.
func (o *outgoing) dialLanes(b *bundle) ([]channels.Conn, error) {
	conns := make([]channels.Conn, o.m.settings.Lanes())
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	var g errgroup.Group
	for i := range conns {
		g.Go(func() error {
			o.m.points.lanes.dials.Tell(trace.Int("id", i))
			conn, err := o.m.dial(ctx, o.addr)
			if err == nil {
				o.m.points.lanes.connected.Tell(trace.Str("ioctype", channelType(conn, o.addr)), trace.Str("hostname", o.addr.Inet.Host))
				conns[i] = conn
				defer context.AfterFunc(ctx, func() { conn.Shutdown() })()
				err = multifd.Introduce(conn, i, o.m.laneUUID())
			}
			if err != nil {
				o.m.points.lanes.failed.Tell(trace.Int("id", i), trace.Err("err", err))
				cancel()
			}
			return err
		})
	}
	err := g.Wait()
	if err != nil {
		for _, conn := range conns {
			if conn != nil {
				conn.Close()
			}
		}
		if cause := context.Cause(o.ctx); cause != nil {
			err = cause
		}
		return nil, err
	}
	b.add(conns)
	return conns, nil
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
