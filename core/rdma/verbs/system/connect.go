package system

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

// resolveTime is how long the way to an address, and then a route, may be looked for.
const resolveTime = 10 * time.Second

// Open makes an endpoint on the device that leads to an address.
func (p Provider) Open(ctx context.Context, to channels.InetAddress, limits verbs.Limits) (verbs.Endpoint, error) {
	l, err := p.library()
	if err != nil {
		return nil, err
	}
	targets, err := to.Resolve(ctx, false)
	if err != nil {
		return nil, err
	}
	// All are tried; what is said is why the first one was not it.
	var first error
	for _, target := range targets {
		e, err := l.open(ctx, target, to.Host, limits)
		if err == nil {
			return e, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func (l *library) open(ctx context.Context, to netip.AddrPort, host string, limits verbs.Limits) (*endpoint, error) {
	ev, err := l.newEvents(noChannel)
	if err != nil {
		return nil, err
	}
	id, err := l.newID(ev, "RDMA ERROR: could not create channel id")
	if err != nil {
		ev.close()
		return nil, err
	}
	if err := l.route(ctx, ev, id, to, host); err != nil {
		_ = l.do(l.destroyID, id) // it leads nowhere
		ev.close()
		return nil, err
	}
	return newEndpoint(l, id, ev, limits, false)
}

// newID makes an identifier whose events come there.
func (l *library) newID(ev *events, failed string) (uintptr, error) {
	ev.next.id = 0
	if err := l.do(l.createID, ev.handle, where(&ev.next.id), 0, portSpaceTCP); err != nil {
		return 0, fmt.Errorf("%s: %w", failed, err)
	}
	return ev.next.id, nil
}

// route finds the device and the way to an address.
func (l *library) route(ctx context.Context, ev *events, id uintptr, to netip.AddrPort, host string) error {
	ev.next.address = socketAddressOf(to)
	timeout := uintptr(resolveTime.Milliseconds())
	if err := l.do(l.resolveAddr, id, 0, where(&ev.next.address), timeout); err != nil {
		return fmt.Errorf("RDMA ERROR: could not resolve address %s: %w", host, err)
	}
	if err := ev.expect(ctx, addrResolved, "event_addr_resolved "); err != nil {
		return err
	}
	if err := l.do(l.resolveRoute, id, timeout); err != nil {
		return fmt.Errorf("RDMA ERROR: could not resolve rdma route: %w", err)
	}
	return ev.expect(ctx, routeResolved, "event_route_resolved: ")
}

// expect takes the next event, which is to be of a kind.
func (e *events) expect(ctx context.Context, kind happening, name string) error {
	came, err := e.take(ctx)
	if err != nil {
		return err
	}
	if came.kind != kind {
		return fmt.Errorf("RDMA ERROR: result not equal to %s%s", name, text(e.lib.eventText, int32(came.kind)))
	}
	return nil
}
