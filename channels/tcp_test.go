package channels_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
)

func TestDialTCPErrors(t *testing.T) {
	for uri, want := range map[string]string{
		"tcp:127.0.0.1:1":             "Failed to connect to '127.0.0.1:1': Connection refused",
		"tcp:[::1]:1":                 "Failed to connect to '::1:1': Connection refused",
		"tcp:127.0.0.1:65537":         "Failed to connect to '127.0.0.1:65537': Connection refused",  // that is 1
		"tcp:127.0.0.1:gopher":        "Failed to connect to '127.0.0.1:gopher': Connection refused", // a name that is known without /etc/services
		"tcp:127.0.0.1:1,ipv6=on":     "Failed to connect to '127.0.0.1:1': Connection refused",
		"tcp:127.0.0.1:1,ipv4=off":    "Failed to connect to '127.0.0.1:1': Connection refused",
		"tcp:[::1]:1,ipv4=on":         "address resolution failed for ::1:1: Address family for hostname not supported",
		"tcp::1":                      "address resolution failed for :1: Name or service not known",
		"tcp:h:1,ipv4=off,ipv6=off":   "Cannot disable IPv4 and IPv6 at same time",
		"tcp:127.0.0.1:x y":           "address resolution failed for 127.0.0.1:x y: Servname not supported for ai_socktype",
		"tcp:127.0.0.1:1:2":           "address resolution failed for 127.0.0.1:1:2: Servname not supported for ai_socktype",
		"tcp:127.0.0.1:-1":            "address resolution failed for 127.0.0.1:-1: Servname not supported for ai_socktype",
		"tcp:127.0.0.1:9999999999999": "Failed to connect to '127.0.0.1:9999999999999': Connection refused",
	} {
		if uri == "tcp:[::1]:1" && !channels.HasIPv6() {
			t.Log("this machine has no IPv6: who is refused there is left out")
			continue
		}
		c, err := channels.Dial(context.Background(), address(t, uri, ""))
		if err == nil {
			c.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", uri, err, want)
		}
	}
	_, err := channels.Dial(context.Background(), address(t, "tcp:127.0.0.1:1", ""))
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("no errno: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := channels.Dial(ctx, address(t, "tcp:127.0.0.1:1", "")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestListenTCPErrors(t *testing.T) {
	taken := mustListen(t, address(t, "tcp:127.0.0.1:0", "")).Addr().Inet.Port
	for uri, want := range map[string]string{
		"tcp:127.0.0.1:" + taken:       "Failed to find an available port: Address already in use",
		"tcp:1.2.3.4:9":                "Failed to bind socket: Cannot assign requested address",
		"tcp:127.0.0.1:9,to=5":         "Failed to create a socket: No such file or directory",
		"tcp:127.0.0.1:0,ipv6=on":      "address resolution failed for 127.0.0.1:0: Address family for hostname not supported",
		"tcp:[::1]:0,ipv6=off":         "address resolution failed for ::1:0: Address family for hostname not supported",
		"tcp::nosuchsvc":               "address resolution failed for :nosuchsvc: Servname not supported for ai_socktype",
		"tcp:127.0.0.1:0,ipv4=off":     "address resolution failed for 127.0.0.1:0: Address family for hostname not supported",
		"tcp::0,ipv4=off,ipv6=off":     "Cannot disable IPv4 and IPv6 at same time",
		"tcp:::1:0":                    "address resolution failed for ::1:0: Servname not supported for ai_socktype",
		"tcp:127.0.0.1:" + taken + ",": "Failed to find an available port: Address already in use",
	} {
		l, err := channels.Listen(context.Background(), address(t, uri, ""))
		if err == nil {
			l.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", uri, err, want)
		}
	}
}

// to= is the last port that is tried.
func TestListenTCPTo(t *testing.T) {
	taken, _ := strconv.Atoi(mustListen(t, address(t, "tcp:127.0.0.1:0", "")).Addr().Inet.Port)
	for last := taken + 1; ; last++ { // the next ones may be in use as well
		uri := "tcp:127.0.0.1:" + strconv.Itoa(taken) + ",to=" + strconv.Itoa(last)
		l, err := channels.Listen(context.Background(), address(t, uri, ""))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if got := l.Addr().Inet.Port; got != strconv.Itoa(last) {
			t.Errorf("%s took port %s", uri, got)
		}
		return
	}
}

// The addresses that are reported, and who reaches them.
func TestListenTCPAddresses(t *testing.T) {
	for _, test := range []struct {
		uri   string
		hosts []string // in the order of query-migrate
		reach []string
	}{
		{"tcp:127.0.0.1:0", []string{"127.0.0.1"}, []string{"127.0.0.1"}},
		{"tcp:127.1:0", []string{"127.0.0.1"}, []string{"127.0.0.1"}},
		{"tcp:0:0", []string{"0.0.0.0"}, []string{"127.0.0.1"}},
		{"tcp:[::1]:0", []string{"::1"}, []string{"::1"}},
		{"tcp:[::]:0", []string{"::"}, []string{"::1", "127.0.0.1"}},
		{"tcp:[::]:0,ipv6=on", []string{"::"}, []string{"::1"}},
		{"tcp::0", []string{"::", "0.0.0.0"}, []string{"::1", "127.0.0.1"}},
		{"tcp::0,ipv4=on,ipv6=on", []string{"::", "0.0.0.0"}, []string{"::1", "127.0.0.1"}},
		{"tcp::0,ipv6=off", []string{"0.0.0.0"}, []string{"127.0.0.1"}},
		{"tcp::0,ipv4=off", []string{"::"}, []string{"::1"}},
	} {
		if strings.Contains(strings.Join(test.reach, " "), ":") && !channels.HasIPv6() {
			t.Logf("this machine has no IPv6: %s is left out", test.uri)
			continue
		}
		l := mustListen(t, address(t, test.uri, ""))
		var hosts []string
		for _, a := range channels.Addresses(l) {
			ip := netip.MustParseAddr(a.Inet.Host)
			if a.Inet.Port == "0" || (a.Inet.IPv4 == channels.FlagOn) != ip.Is4() || (a.Inet.IPv6 == channels.FlagOn) != ip.Is6() {
				t.Errorf("%s: %+v", test.uri, a.Inet)
			}
			hosts = append(hosts, a.Inet.Host)
		}
		if strings.Join(hosts, " ") != strings.Join(test.hosts, " ") {
			t.Errorf("%s: %v", test.uri, hosts)
		}
		for _, host := range test.reach {
			out := mustDial(t, inet(channels.InetAddress{Host: host, Port: l.Addr().Inet.Port}))
			in := accept(t, l)
			io.WriteString(out, "x")
			if n, err := in.Read(make([]byte, 9)); n != 1 {
				t.Errorf("%s from %s: %v", test.uri, host, err)
			}
			in.Close()
			out.Close()
		}
	}
}

// Both sides send at once; probes are sent only if asked for.
func TestTCPOptions(t *testing.T) {
	for options, keepAlive := range map[string]int{"": 0, ",keep-alive=off": 0, ",keep-alive=on": 1} {
		l := mustListen(t, address(t, "tcp:127.0.0.1:0"+options, ""))
		a := l.Addr()
		a.Inet.KeepAlive = address(t, "tcp:h:1"+options, "").Inet.KeepAlive
		out := mustDial(t, a)
		in := accept(t, l)
		for _, c := range []channels.Conn{out, in} {
			for _, option := range []struct{ level, name, want int }{
				{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
				{unix.SOL_SOCKET, unix.SO_KEEPALIVE, keepAlive},
				{unix.SOL_SOCKET, unix.SO_PROTOCOL, unix.IPPROTO_TCP},
			} {
				if got, err := channels.SocketOption(c, option.level, option.name); err != nil || got != option.want {
					t.Errorf("%q: option %d is %d, %v", options, option.name, got, err)
				}
			}
		}
		out.Close()
		in.Close()
	}
}

// Somebody who goes with bytes unread resets the connection.
func TestTCPReset(t *testing.T) {
	l := mustListen(t, address(t, "tcp:127.0.0.1:0", ""))
	peer, err := net.Dial("tcp", "127.0.0.1:"+l.Addr().Inet.Port)
	if err != nil {
		t.Fatal(err)
	}
	in := accept(t, l)
	defer in.Close()
	peer.(*net.TCPConn).SetLinger(0)
	peer.Close()
	_, err = in.Read(make([]byte, 9))
	if !errors.Is(err, syscall.ECONNRESET) || err.Error() != "Unable to read from socket: Connection reset by peer" {
		t.Errorf("%v", err)
	}
}

// A peer that waits because all buffers are full finds out about a Shutdown, which TCP itself would not tell it.
func TestTCPShutdownWhenFull(t *testing.T) {
	l := mustListen(t, address(t, "tcp:127.0.0.1:0", ""))
	peer, err := net.Dial("tcp", "127.0.0.1:"+l.Addr().Inet.Port)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	in := accept(t, l)
	defer in.Close()
	chunk := make([]byte, 1<<20)
	for err == nil { // until nothing has moved for a while
		peer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = peer.Write(chunk)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	in.Shutdown()
	peer.SetWriteDeadline(time.Now().Add(30 * time.Second))
	for err = nil; err == nil; {
		_, err = peer.Write(chunk)
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
}
