package channels

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// unpaced is the congestion control of a TCP socket whose peer is on this machine. Nothing is lost or late on such a
// way, so a system's control that paces what it sends, as BBR does with a timer for each piece, costs half more
// processor time there and is worth nothing. Every kernel has this one, and lets everybody choose it.
const unpaced = "reno"

// tuneTCP leaves the sizes of the buffers to the kernel: any explicit size would switch its own sizing off, which does best.
func tuneTCP(fd int) error {
	if !sameHost(fd) {
		return nil
	}
	return unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, unpaced)
}

// sameHost says whether what a TCP socket sends stays on this machine.
func sameHost(fd int) bool {
	own, err := unix.Getsockname(fd)
	if err != nil {
		return false
	}
	peer, err := unix.Getpeername(fd)
	if err != nil {
		return false
	}
	from, to := hostOf(own), hostOf(peer)
	return to.IsValid() && (to == from || to.IsLoopback())
}

// hostOf is the address in a, which is invalid where a is none of the internet's.
func hostOf(a unix.Sockaddr) netip.Addr {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr).Unmap()
	}
	return netip.Addr{}
}
