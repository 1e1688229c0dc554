package channels

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// names is the part of net.Resolver that is needed; tests bring their own.
type names interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupPort(ctx context.Context, network, service string) (int, error)
}

func systemNames() names { return net.DefaultResolver }

// The texts of the C library's resolver for its error codes, which the messages end with.
const (
	eaiFamily  = "Address family for hostname not supported"
	eaiService = "Servname not supported for ai_socktype"
	eaiNoName  = "Name or service not known"
	eaiAgain   = "Temporary failure in name resolution"
	eaiFail    = "Non-recoverable failure in name resolution"
)

// resolve turns a host and a port into the addresses to try, in order of preference. passive is for listeners: an empty
// host is then every address of this machine.
func resolve(ctx context.Context, n names, a InetAddress, passive bool) ([]netip.AddrPort, error) {
	failure := fmt.Sprintf("address resolution failed for %s:%s", a.Host, a.Port)
	refuse := func(reason string) ([]netip.AddrPort, error) {
		return nil, fmt.Errorf("%s: %s", failure, reason)
	}
	want4, want6, err := a.families()
	if err != nil {
		return nil, err
	}
	port, ok := lookupPort(ctx, n, a.Port)
	if !ok {
		return refuse(eaiService)
	}
	var ips []netip.Addr
	literal, isLiteral := parseHostNumber(a.Host)
	switch {
	case a.Host == "" && passive:
		ips = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	case a.Host == "":
		return refuse(eaiNoName)
	case isLiteral:
		want4 = want4 || !passive // an outgoing IPv6 socket reaches IPv4 addresses in their mapped form
		if literal = literal.Unmap(); literal.Is4() && !want4 || literal.Is6() && !want6 {
			return refuse(eaiFamily)
		}
		ips = []netip.Addr{literal}
	default:
		ips, err = n.LookupNetIP(ctx, "ip", a.Host)
		if ctx.Err() != nil {
			return nil, &Error{failure, ctx.Err()}
		} else if err != nil {
			return refuse(lookupReason(err))
		}
	}
	var targets []netip.AddrPort
	for _, ip := range ips {
		if ip = ip.Unmap(); ip.Is4() && want4 || ip.Is6() && want6 {
			targets = append(targets, netip.AddrPortFrom(ip, port))
		}
	}
	if len(targets) == 0 {
		return refuse(eaiNoName)
	}
	return targets, nil
}

// families tells which address families the flags leave: switching one on excludes the other unless that is on, too.
func (a InetAddress) families() (v4, v6 bool, err error) {
	v4 = a.IPv4 == FlagOn || a.IPv4 == FlagUnset && a.IPv6 != FlagOn
	v6 = a.IPv6 == FlagOn || a.IPv6 == FlagUnset && a.IPv4 != FlagOn
	if !v4 && !v6 {
		return false, false, errors.New("Cannot disable IPv4 and IPv6 at same time")
	}
	return v4, v6, nil
}

// lookupPort reads a number, which the C library takes modulo 65536, or the name of a service.
func lookupPort(ctx context.Context, n names, port string) (uint16, bool) {
	if port == "" {
		return 0, true
	}
	if number, err := strconv.ParseUint(port, 10, 63); err == nil {
		return uint16(number), true
	}
	if port[0] >= '0' && port[0] <= '9' || port[0] == '-' || port[0] == '+' {
		return 0, false
	}
	number, err := n.LookupPort(ctx, "tcp", port)
	return uint16(number), err == nil
}

func lookupReason(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		switch {
		case dns.IsNotFound:
			return eaiNoName
		case dns.IsTemporary, dns.IsTimeout:
			return eaiAgain
		}
	}
	return eaiFail
}

// Resolve gives the addresses to try, in order of preference; passive is for listeners. It is for transports whose
// sockets are not made here.
func (a InetAddress) Resolve(ctx context.Context, passive bool) ([]netip.AddrPort, error) {
	return resolve(ctx, systemNames(), a, passive)
}
