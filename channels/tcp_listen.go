package channels

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

// listenTCP listens on all addresses of the host. It fails when none of them can be had.
func listenTCP(ctx context.Context, n names, a InetAddress) (Listener, error) {
	targets, err := resolve(ctx, n, a, true)
	if err != nil {
		return nil, err
	}
	wrap := func(d descriptor) (Conn, error) { return newTCP(d.(*net.TCPConn), a.KeepAlive) }
	var sockets []acceptor
	var addrs []Address
	var first error
	for _, target := range targets {
		ports := a.ports(target.Port())
		if len(addrs) > 0 {
			// One port for all, so that a client reaches us by whichever address it tries.
			shared, _ := strconv.Atoi(addrs[0].Inet.Port)
			ports = append([]int{shared}, ports...)
		}
		l, err := bindTCP(ctx, a.network(target.Addr()), target.Addr(), ports)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		sockets = append(sockets, tcpAcceptor{l})
		addrs = append(addrs, inetAddressOf(l.Addr().(*net.TCPAddr).AddrPort()))
	}
	if len(sockets) == 0 {
		return nil, first
	}
	return newSocketListener(sockets, addrs, wrap, nil), nil
}

// ports lists the ports to try.
func (a InetAddress) ports(from uint16) []int {
	to := from
	if a.HasTo {
		to = a.To
	}
	var ports []int
	for p := int(from); p <= int(to); p++ {
		ports = append(ports, p)
	}
	return ports
}

// network tells the standard library how to treat IPv6: `[::]` alone takes IPv4 connections, too, unless IPv6 was asked
// for; next to 0.0.0.0 it must not.
func (a InetAddress) network(ip netip.Addr) string {
	both := a.IPv4 == FlagOn || a.IPv6 != FlagOn
	switch {
	case ip.Is4():
		return "tcp4"
	case ip.IsUnspecified() && a.Host != "" && both:
		return "tcp"
	}
	return "tcp6"
}

// bindTCP listens on the first of the ports that is free.
func bindTCP(ctx context.Context, network string, ip netip.Addr, ports []int) (*net.TCPListener, error) {
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(false)
	for _, port := range ports {
		l, err := config.Listen(ctx, network, netip.AddrPortFrom(ip, uint16(port)).String())
		if err == nil {
			return l.(*net.TCPListener), nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, listenFailure(err)
		}
	}
	if len(ports) == 0 {
		return nil, fail("Failed to create a socket", syscall.ENOENT) // QEMU's answer to a to= below the port
	}
	return nil, fail("Failed to find an available port", syscall.EADDRINUSE)
}

// listenFailure names the call that failed.
func listenFailure(err error) error {
	call, _ := errors.AsType[*os.SyscallError](err)
	switch {
	case call != nil && call.Syscall == "bind":
		return fail("Failed to bind socket", err)
	case call != nil && call.Syscall == "listen":
		return fail("Failed to listen on socket", err)
	}
	return fail("Failed to create a socket", err)
}

func inetAddressOf(ap netip.AddrPort) Address {
	ip := ap.Addr().Unmap()
	a := InetAddress{Host: ip.String(), Port: strconv.Itoa(int(ap.Port()))}
	if ip.Is4() {
		a.IPv4 = FlagOn
	} else {
		a.IPv6 = FlagOn
	}
	return Address{Transport: TransportSocket, Type: SocketInet, Inet: a}
}

type tcpAcceptor struct{ *net.TCPListener }

func (l tcpAcceptor) accept() (descriptor, error) { return accepted(l.AcceptTCP()) }
