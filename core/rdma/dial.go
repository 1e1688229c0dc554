package rdma

import (
	"context"
	"fmt"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/wire"
)

// Config is how a source connects.
type Config struct {
	// PinAll asks for all memory to be registered at the start.
	PinAll bool
	// Back makes a link for answers, too.
	Back bool
	// Report tells people of what the destination cannot do.
	Report func(text string)
}

// Dial connects a source. ctx ends it.
func Dial(ctx context.Context, p verbs.Provider, to channels.InetAddress, config Config) (*Conn, error) {
	main, pinAll, err := connect(ctx, p, to, config.PinAll, true)
	if err != nil {
		return nil, err
	}
	if config.PinAll && !pinAll {
		config.Report("warning: RDMA: Server cannot support pinning all memory. Will register memory dynamically.")
	}
	c := &Conn{main: main, source: true, pinAll: pinAll, name: "rdma:" + to.Host + ":" + to.Port}
	if config.Back {
		if c.back, _, err = connect(ctx, p, to, config.PinAll, false); err != nil {
			main.close()
			return nil, err
		}
	}
	return c, nil
}

func connect(ctx context.Context, p verbs.Provider, to channels.InetAddress, pinAll, sends bool) (l *link, pinned bool, err error) {
	ep, err := p.Open(ctx, to, limits())
	if err != nil {
		return nil, false, err
	}
	if l, err = newLink(ep, sends); err != nil {
		ep.Close()
		return nil, false, err
	}
	wants := wire.RDMAPrivate{Version: wire.RDMAVersion}
	if pinAll {
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
