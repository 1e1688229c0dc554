package rdma

import (
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
	// Trace has the events; it may be nil.
	Trace *trace.Set
	// Report tells people of what the destination cannot do.
	Report func(text string)
}

// Dial connects a source. ctx ends it.
func Dial(ctx context.Context, p verbs.Provider, to channels.InetAddress, config Config) (*Conn, error) {
	points := newPoints(config.Trace)
	main, pinAll, err := connect(ctx, p, to, config.PinAll, true, points)
	if err != nil {
		return nil, err
	}
	if config.PinAll && !pinAll {
		config.Report("warning: RDMA: Server cannot support pinning all memory. Will register memory dynamically.")
	}
	points.pinOutcome.Tell(trace.Bool("pin", pinAll))
	c := &Conn{main: main, source: true, points: points, pinAll: pinAll, name: "rdma:" + to.Host + ":" + to.Port}
	if config.Back {
		if c.back, err = connectBack(ctx, p, to, config.PinAll, points); err != nil {
			main.close()
			return nil, err
		}
	}
	points.outgoingConnect.Tell()
	return c, nil
}

// backTime is how long a destination has to take the link back. One that does
// not know of any, as a QEMU 7.2 without postcopy-ram, says nothing at all.
const backTime = 5 * time.Second

func connectBack(ctx context.Context, p verbs.Provider, to channels.InetAddress, pinAll bool, points *points) (*link, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, backTime, errNoBack)
	defer cancel()
	l, _, err := connect(ctx, p, to, pinAll, false, points)
	return l, err
}

var errNoBack = errors.New("RDMA ERROR: poll cm event timeout: the destination takes no return path")

func connect(ctx context.Context, p verbs.Provider, to channels.InetAddress, pinAll, sends bool, points *points) (l *link, pinned bool, err error) {
	ep, err := p.Open(ctx, to, limits())
	if err != nil {
		return nil, false, err
	}
	if l, err = newLink(ep, sends, points); err != nil {
		ep.Close()
		return nil, false, err
	}
	points.outgoingInit.Tell()
	wants := wire.RDMAPrivate{Version: wire.RDMAVersion}
	if pinAll {
		points.pinRequested.Tell()
		wants.Flags = wire.RDMAPinAll
	}
	theirs, err := ep.Connect(ctx, wants.Append(nil))
	var gets wire.RDMAPrivate
	if err == nil {
		gets, err = wire.ParseRDMAPrivate(theirs)
	}
	if err != nil {
		l.close()
		if ctx.Err() != nil {
			return nil, false, context.Cause(ctx)
		}
		return nil, false, fmt.Errorf("RDMA ERROR: connecting to destination!: %w", err)
	}
	return l, pinAll && gets.Flags&wire.RDMAPinAll != 0, nil
}
