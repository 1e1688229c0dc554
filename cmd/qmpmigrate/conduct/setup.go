package conduct

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// setUp brings both sides to where the migration runs.
func (c *conductor) setUp(ctx context.Context) error {
	c.Source.forget()
	c.Destination.forget()
	var from string
	for _, step := range []func() error{
		func() error { c.compare(); return nil },
		func() error { return c.capabilities(c.Destination, c.DestinationCapabilities) },
		func() error { return c.capabilities(c.Source, c.SourceCapabilities) },
		func() error { return c.parameters(c.Destination, c.DestinationParameters) },
		func() error { return c.parameters(c.Source, c.SourceParameters) },
		func() error { c.compareSettings(); return nil },
		c.moves,
		func() (err error) { from, err = c.listen(); return err },
		func() error { return c.answered(from) },
		func() error { return c.Source.Execute(c.calls, "migrate", map[string]any{"uri": from}, nil) },
	} {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := step(); err != nil {
			return err
		}
	}
	c.began = time.Now()
	c.moved = c.began
	c.OnStart(from)
	return nil
}

func (c *conductor) capabilities(e *Endpoint, own map[string]bool) error {
	all := merged(c.Capabilities, own)
	if len(all) > 0 {
		if err := e.setCapabilities(c.calls, all); err != nil {
			return err
		}
	}
	if _, decided := all[eventsCapability]; decided {
		return nil
	}
	_, err := e.prefer(c.calls, eventsCapability) // without events changes are seen at the next look
	return err
}

// prefer switches a capability on, and says whether it is: refusing it is no failure.
func (e *Endpoint) prefer(ctx context.Context, capability string) (on bool, err error) {
	err = e.setCapabilities(ctx, map[string]bool{capability: true})
	if refused := (*CommandError)(nil); errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}

// decided says whether the user has said how a capability of the source is to be.
func (c *conductor) decided(capability string) bool {
	_, said := merged(c.Capabilities, c.SourceCapabilities)[capability]
	return said
}

const (
	eventsCapability  = "events"
	copyingCapability = "background-snapshot"
)

// moves refuses a source that would keep the VM, as one does on which an
// earlier copy left the capability on: the VM would run in two places. Who
// sets it wants that.
func (c *conductor) moves() error {
	if c.decided(copyingCapability) || c.source.traits.settings[copyingCapability] != "on" {
		return nil
	}
	return fmt.Errorf("%s: %s is on: the VM would stay there and be at the destination too; set it off, or on where that is wanted",
		c.Source.name, copyingCapability)
}

func (e *Endpoint) setCapabilities(ctx context.Context, states map[string]bool) error {
	type capability struct {
		Capability string `json:"capability"`
		State      bool   `json:"state"`
	}
	var list []capability
	for _, name := range slices.Sorted(maps.Keys(states)) {
		list = append(list, capability{name, states[name]})
	}
	return e.Execute(ctx, "migrate-set-capabilities", map[string]any{"capabilities": list}, nil)
}

func (c *conductor) parameters(e *Endpoint, own map[string]any) error {
	if all := merged(c.Parameters, own); len(all) > 0 {
		return e.Execute(c.calls, "migrate-set-parameters", all, nil)
	}
	return nil
}

// listen makes the destination listen and gives the URI for the source.
func (c *conductor) listen() (string, error) {
	uri := c.URI
	now, err := c.Destination.queryMigrate(c.calls)
	if err != nil {
		return "", err
	}
	if uri == "" {
		for _, a := range now.SocketAddress {
			if there := a.uri(); there != "" {
				return c.forSource(there, nil)
			}
		}
		uri = defaultURI
	}
	if err := c.incoming(uri); err != nil {
		return "", err
	}
	if now, err = c.Destination.queryMigrate(c.calls); err != nil {
		return "", err
	}
	return c.forSource(uri, now.SocketAddress)
}

func (c *conductor) forSource(uri string, listening []socketAddress) (string, error) {
	if c.SourceURI != "" {
		return c.SourceURI, nil
	}
	from, err := sourceURI(uri, listening)
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.Destination.name, err)
	}
	return from, nil
}

// incoming asks the destination to outlive a failure, because it takes its
// reason with it otherwise. Before 9.1 QEMU did not know how to.
func (c *conductor) incoming(uri string) error {
	const stay = "exit-on-error"
	err := c.Destination.Execute(c.calls, "migrate-incoming", map[string]any{"uri": uri, stay: false}, nil)
	c.heldBack = err == nil
	if refused := (*CommandError)(nil); errors.As(err, &refused) && strings.Contains(refused.Desc, stay) {
		return c.Destination.Execute(c.calls, "migrate-incoming", map[string]any{"uri": uri}, nil)
	}
	return err
}
