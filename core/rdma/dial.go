package rdma

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Config is how a source connects.
type Config struct {
	// PinAll asks for all memory to be registered at the start.
	PinAll bool
	// Back makes a link for answers, too.
	Back bool
	// BackTime is how long the destination has to take it: 5 s if 0. One that does
	// not know of any, as a QEMU 7.2 without postcopy-ram, says nothing at all.
	BackTime time.Duration
	// Trace has the events; it may be nil.
	Trace *trace.Set
	// Report tells people of what the destination cannot do.
	Report func(text string)
}

// Dial connects a source. ctx ends it.
func Dial(ctx context.Context, p verbs.Provider, to channels.InetAddress, config Config) (*Conn, error) {
	points := newPoints(config.Trace)
	var wants wire.RDMAFlags
	if config.PinAll {
		points.pinRequested.Tell()
		wants = wire.RDMAPinAll
	}
	main, gets, err := connect(ctx, p, to, wants, true, points)
	if err != nil {
		return nil, err
	}
	pinAll := gets&wire.RDMAPinAll != 0
	if config.PinAll && !pinAll {
		config.Report("warning: RDMA: Server cannot support pinning all memory. Will register memory dynamically.")
	}
	points.pinOutcome.Tell(trace.Bool("pin", pinAll))
	c := &Conn{main: main, source: true, points: points, pinAll: pinAll, name: "rdma:" + to.Host + ":" + to.Port}
	if config.Back {
		if c.back, err = connectBack(ctx, p, to, wants, config.BackTime, points); err != nil {
			main.close()
			return nil, err
		}
	}
	points.outgoingConnect.Tell()
	return c, nil
}

const backTime = 5 * time.Second

// connectBack makes the link back. A QEMU sends the first message there without
// waiting for READY. One that came nevertheless would be left over until the
// next, and then another may land in the same buffer, whose byte order the QEMU
// turns once for each: what is good for nothing after the second time. So it is
// not sent.
func connectBack(ctx context.Context, p verbs.Provider, to channels.InetAddress, wants wire.RDMAFlags, within time.Duration,
	points *points) (*link, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(within, backTime), errNoBack)
	defer cancel()
	l, gets, err := connect(ctx, p, to, wants|wire.RDMAReadyBack, false, points)
	if err != nil {
		if ctx.Err() != nil { // in whichever step the time ran out
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	l.early = gets&wire.RDMAReadyBack == 0
	return l, nil
}

var errNoBack = errors.New("RDMA ERROR: poll cm event timeout: the destination takes no return path")

// connect makes a link, and tells which of what is wanted there is.
func connect(ctx context.Context, p verbs.Provider, to channels.InetAddress, wants wire.RDMAFlags, sends bool, points *points) (
	l *link, gets wire.RDMAFlags, err error) {
	ep, err := p.Open(ctx, to, limits())
	if err != nil {
		return nil, 0, err
	}
	if l, err = newLink(ep, sends, points); err != nil {
		ep.Close()
		return nil, 0, err
	}
	points.outgoingInit.Tell()
	theirs, err := ep.Connect(ctx, wire.RDMAPrivate{Version: wire.RDMAVersion, Flags: wants}.Append(nil))
	var answer wire.RDMAPrivate
	if err == nil {
		answer, err = wire.ParseRDMAPrivate(theirs)
	}
	if err != nil {
		l.close()
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		return nil, 0, fmt.Errorf("RDMA ERROR: connecting to destination!: %w", err)
	}
	return l, answer.Flags & wants, nil
}
