package channels

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

// fakeNames answers without a network.
type fakeNames map[string]any // host: []string or error

func (f fakeNames) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	switch answer := f[host].(type) {
	case []string:
		var ips []netip.Addr
		for _, s := range answer {
			ips = append(ips, netip.MustParseAddr(s))
		}
		return ips, nil
	case error:
		return nil, answer
	}
	<-ctx.Done()
	return nil, &net.DNSError{Err: ctx.Err().Error(), IsTimeout: true}
}

func (f fakeNames) LookupPort(_ context.Context, _, service string) (int, error) {
	if service == "http" {
		return 80, nil
	}
	return 0, &net.DNSError{IsNotFound: true}
}

func testNames() fakeNames {
	return fakeNames{
		"both":           []string{"::1", "127.0.0.1"},
		"two":            []string{"127.0.0.1", "127.0.0.2"},
		"four":           []string{"::ffff:127.0.0.1", "127.0.0.2"},
		"six":            []string{"::1"},
		"nosuch.invalid": &net.DNSError{Err: "no such host", IsNotFound: true},
		"later":          &net.DNSError{Err: "server misbehaving", IsTemporary: true},
		"slow":           &net.DNSError{Err: "i/o timeout", IsTimeout: true},
		"broken":         &net.DNSError{Err: "cannot unmarshal"},
	}
}

func TestResolve(t *testing.T) {
	const on, off = FlagOn, FlagOff
	for _, test := range []struct {
		a       InetAddress
		passive bool
		want    []string
	}{
		{InetAddress{Host: "both", Port: "5"}, false, []string{"[::1]:5", "127.0.0.1:5"}},
		{InetAddress{Host: "both", Port: "http"}, true, []string{"[::1]:80", "127.0.0.1:80"}},
		{InetAddress{Host: "both", Port: "5", IPv4: on}, false, []string{"127.0.0.1:5"}},
		{InetAddress{Host: "both", Port: "5", IPv6: off}, false, []string{"127.0.0.1:5"}},
		{InetAddress{Host: "both", Port: "5", IPv6: on}, true, []string{"[::1]:5"}},
		{InetAddress{Host: "both", Port: "5", IPv4: on, IPv6: on}, true, []string{"[::1]:5", "127.0.0.1:5"}},
		{InetAddress{Host: "both", Port: "5", IPv4: on, IPv6: off}, true, []string{"127.0.0.1:5"}},
		{InetAddress{Host: "four", Port: "99999"}, true, []string{"127.0.0.1:34463", "127.0.0.2:34463"}},
		{InetAddress{Host: "", Port: "5"}, true, []string{"0.0.0.0:5", "[::]:5"}},
		{InetAddress{Host: "::ffff:1.2.3.4", Port: ""}, true, []string{"1.2.3.4:0"}},
		{InetAddress{Host: "fe80::1%lo", Port: "5"}, true, []string{"[fe80::1%lo]:5"}},
	} {
		targets, err := resolve(context.Background(), testNames(), test.a, test.passive)
		var got []string
		for _, target := range targets {
			got = append(got, target.String())
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, %v", test.a, got, err)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	for host, want := range map[string]string{
		"nosuch.invalid": "address resolution failed for nosuch.invalid:4444: Name or service not known",
		"later":          "address resolution failed for later:4444: Temporary failure in name resolution",
		"slow":           "address resolution failed for slow:4444: Temporary failure in name resolution",
		"broken":         "address resolution failed for broken:4444: Non-recoverable failure in name resolution",
	} {
		a := Address{Inet: InetAddress{Host: host, Port: "4444"}}
		if _, err := dialTCP(context.Background(), testNames(), a.Inet); err == nil || err.Error() != want {
			t.Errorf("dialling %s: %v", host, err)
		}
		if _, err := listenTCP(context.Background(), testNames(), a.Inet); err == nil || err.Error() != want {
			t.Errorf("listening on %s: %v", host, err)
		}
	}
	_, err := resolve(context.Background(), testNames(), InetAddress{Host: "six", Port: "1", IPv4: FlagOn}, false)
	if err == nil || err.Error() != "address resolution failed for six:1: Name or service not known" {
		t.Errorf("no address of the family: %v", err)
	}
}

// A lookup that hangs ends with the context.
func TestResolveCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() {
		_, err := dialTCP(ctx, testNames(), InetAddress{Host: "hangs", Port: "1"})
		result <- err
	}()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) ||
		err.Error() != "address resolution failed for hangs:1: context canceled" {
		t.Errorf("%v", err)
	}
}

// A name with several addresses is listened on at all of them, with one port; a client tries them in turn.
func TestNameWithSeveralAddresses(t *testing.T) {
	ctx, name, other := context.Background(), "both", "127.0.0.1"
	if !HasIPv6() {
		t.Log("this machine has no IPv6: both addresses are IPv4's")
		name, other = "two", "127.0.0.2"
	}
	l, err := listenTCP(ctx, testNames(), InetAddress{Host: name, Port: "0"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addrs := Addresses(l)
	if len(addrs) != 2 || addrs[0].Inet.Port != addrs[1].Inet.Port || l.Addr().Inet != addrs[1].Inet {
		t.Errorf("%v", addrs)
	}
	for _, a := range addrs {
		c, err := Dial(ctx, a)
		if err != nil {
			t.Fatalf("%v: %v", a, err)
		}
		defer c.Close()
		in, err := l.Accept(ctx)
		if err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	second, err := listenTCP(ctx, testNames(), InetAddress{Host: other, Port: "0"})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	c, err := dialTCP(ctx, testNames(), InetAddress{Host: name, Port: second.Addr().Inet.Port}) // refused on the first
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestHostNumber(t *testing.T) {
	for host, want := range map[string]string{
		"0": "0.0.0.0", "127.0.0.1": "127.0.0.1", "127.1": "127.0.0.1", "10.1.258": "10.1.1.2", "0x7f.1": "127.0.0.1",
		"0177.0.0.1": "127.0.0.1", "2130706433": "127.0.0.1", "0X7F000001": "127.0.0.1", "255.255.255.255": "255.255.255.255",
		"::1": "::1", "fe80::1%eth0": "fe80::1%eth0",
	} {
		if ip, ok := parseHostNumber(host); !ok || ip.String() != want {
			t.Errorf("%s: %v, %v", host, ip, ok)
		}
	}
	for _, host := range []string{
		"", ".", "1.", "256.0.0.1", "1.2.3.4.5", "1.2.65536", "4294967296", "08", "0x", "1.2.3.x", "-1", "+1", "host", ":", "1:2",
		"1_0", "99999999999999999999999",
	} {
		if ip, ok := parseHostNumber(host); ok {
			t.Errorf("%q is %v", host, ip)
		}
	}
}
