package migration

import (
	"context"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/stream"
	"qmpmigrate/qapi"
)

// preempts says whether what the destination asks for goes on a channel of its own.
func (o *outgoing) preempts() bool {
	return o.m.settings.Enabled(qapi.MigrationCapabilityPostcopyPreempt)
}

func (o *outgoing) quirks() settings.Quirks {
	return o.m.settings.Quirks(o.m.host.Guest().Configuration().Machine)
}

// bring begins to connect the second channel.
func (o *outgoing) bring(p *links.Pair) {
	addr := o.addr
	p.Bring(func(ctx context.Context) (channels.Conn, error) { return o.m.links.Dial(ctx, addr) })
}

// preempt makes sure of the second channel, where there shall be one. Unless it
// came with the main channel, the destination has answered there before: it
// tells them apart by which one came first.
func (o *outgoing) preempt(s *sending) error {
	p, ok := s.conn.(*links.Pair)
	if !ok {
		return nil
	}
	if !s.quirks.EarlyPreempt {
		if err := o.answers(); err != nil {
			return err
		}
		o.bring(p)
	}
	if err := o.awaits(p.Ready); err != nil {
		return err
	}
	second, err := p.Other()
	if err != nil {
		if o.ctx.Err() != nil {
			err = context.Cause(o.ctx)
		}
		return err
	}
	o.m.points.preempt.Tell()
	o.ram.Preempt(stream.NewWriter(second))
	return nil
}

// answers waits until the destination has said anything on this link.
func (o *outgoing) answers() error {
	if o.replies.recovery != nil {
		return nil // it told which pages it has
	}
	return o.awaits(o.replies.ponged)
}

// endPreempt tells an old destination that nothing more comes on the second
// channel. A newer one may have everything by now, and be gone from there: its
// last word is still to be heard on the main channel.
func (o *outgoing) endPreempt(s *sending) {
	if s.quirks.EarlyPreempt {
		_ = o.ram.EndPreempt()
	}
}

// written is how many bytes have gone to the destination.
func (o *outgoing) written(s *sending) int64 {
	return gauge{s.w, &o.stats}.Offset()
}
