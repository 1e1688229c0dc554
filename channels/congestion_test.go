package channels

import (
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// What stays on this machine is not paced, whoever connected.
func TestUnpaced(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Log(host, err) // a machine without this family
			continue
		}
		defer l.Close()
		near, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []net.Conn{near, far} {
			conn, err := newTCP(c.(*net.TCPConn), FlagOff)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.(*stream).control(func(fd int) error {
				if name, err := unix.GetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION); name != unpaced {
					t.Errorf("%s: %q %v", conn, name, err)
				}
				return nil
			})
		}
	}
}

// A peer elsewhere has another address, and a socket of another family none.
func TestHostOf(t *testing.T) {
	for _, c := range []struct {
		a    unix.Sockaddr
		want netip.Addr
	}{
		{&unix.SockaddrInet4{Addr: [4]byte{192, 0, 2, 1}}, netip.MustParseAddr("192.0.2.1")},
		{&unix.SockaddrInet6{Addr: [16]byte{10: 0xff, 11: 0xff, 12: 192, 14: 2, 15: 1}}, netip.MustParseAddr("192.0.2.1")},
		{&unix.SockaddrInet6{Addr: [16]byte{0: 0x20, 1: 1, 15: 1}}, netip.MustParseAddr("2001::1")},
		{&unix.SockaddrVM{CID: 2}, netip.Addr{}},
	} {
		if got := hostOf(c.a); got != c.want {
			t.Errorf("%v: %v", c.a, got)
		}
	}
}
