package channels_test

import (
	"reflect"
	"strings"
	"testing"

	"qmpmigrate/channels"
)

// inet is the address of a tcp: URI.
func inet(a channels.InetAddress) channels.Address {
	return channels.Address{Transport: channels.TransportSocket, Type: channels.SocketInet, Inet: a}
}

func TestParseURI(t *testing.T) {
	const on, off = channels.FlagOn, channels.FlagOff
	type in = channels.InetAddress
	h64 := strings.Repeat("h", 64)
	for uri, want := range map[string]channels.Address{
		"tcp:127.0.0.1:4444":                inet(in{Host: "127.0.0.1", Port: "4444"}),
		"tcp::4444":                         inet(in{Port: "4444"}),
		"tcp:0:0":                           inet(in{Host: "0", Port: "0"}),
		"tcp:[::1]:ssh":                     inet(in{Host: "::1", Port: "ssh"}),
		"tcp:[fe80::1%eth0]:1":              inet(in{Host: "fe80::1%eth0", Port: "1"}),
		"tcp:" + h64 + ":1":                 inet(in{Host: h64, Port: "1"}),
		"tcp:h:1,to=9":                      inet(in{Host: "h", Port: "1", HasTo: true, To: 9}),
		"tcp:h:1,to=65535,ipv4":             inet(in{Host: "h", Port: "1", HasTo: true, To: 65535, IPv4: on}),
		"tcp:h:1,ipv4=on,ipv6=off":          inet(in{Host: "h", Port: "1", IPv4: on, IPv6: off}),
		"tcp:h:1,ipv6,keep-alive=on":        inet(in{Host: "h", Port: "1", IPv6: on, KeepAlive: on}),
		"tcp:h:1,keep-alive":                inet(in{Host: "h", Port: "1", KeepAlive: on}),
		"tcp:h:1,keep-alive=off":            inet(in{Host: "h", Port: "1", KeepAlive: off}),
		"tcp:h:1,foo=1":                     inet(in{Host: "h", Port: "1"}),
		"tcp:h:1,foo,ipv4=off,bar=2":        inet(in{Host: "h", Port: "1", IPv4: off}),
		"tcp:h:1,":                          inet(in{Host: "h", Port: "1"}),
		"tcp:h:1:2":                         inet(in{Host: "h", Port: "1:2"}), // fails to resolve, as in QEMU
		"unix:/tmp/s":                       unixAddress("/tmp/s"),
		"unix:a,b=c:d":                      unixAddress("a,b=c:d"),
		"unix:" + strings.Repeat("p", 1000): unixAddress(strings.Repeat("p", 1000)), // too long only when used
		"vsock:2:1234":                      vsockAddress("2", "1234"),
		"vsock:x:1":                         vsockAddress("x", "1"), // checked when used
		"vsock:1:2:3":                       vsockAddress("1", "2:3"),
		"fd:migrate":                        fdName("migrate"),
		"fd:28":                             fdName("28"),
		"exec:cat > a:b,c":                  execShell("cat > a:b,c"),
		"exec:":                             execShell(""),
		"file:/tmp/f":                       fileAt("/tmp/f", 0),
		"file:a,foo=1":                      fileAt("a,foo=1", 0),
		"file:a,foo=1,offset=1k":            fileAt("a,foo=1", 1024),
		"file:,offset=0x10":                 fileAt("", 16),
		"file:":                             fileAt("", 0),
		"file:/dev/fdset/0,offset=0x1045f":  fileAt("/dev/fdset/0", 0x1045f),
	} {
		got, err := channels.ParseURI(uri)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", uri, got, err)
		}
	}
}

func unixAddress(path string) channels.Address {
	return channels.Address{Transport: channels.TransportSocket, Type: channels.SocketUnix, Unix: channels.UnixAddress{Path: path}}
}

func vsockAddress(cid, port string) channels.Address {
	return channels.Address{
		Transport: channels.TransportSocket, Type: channels.SocketVsock,
		Vsock: channels.VsockAddress{CID: cid, Port: port},
	}
}

func fdName(name string) channels.Address {
	return channels.Address{Transport: channels.TransportSocket, Type: channels.SocketFD, FD: channels.FDAddress{Name: name}}
}

func execShell(command string) channels.Address {
	return execArgs("/bin/sh", "-c", command)
}

func execArgs(args ...string) channels.Address {
	return channels.Address{Transport: channels.TransportExec, Exec: channels.ExecAddress{Args: args}}
}

func fileAt(path string, offset uint64) channels.Address {
	return channels.Address{Transport: channels.TransportFile, File: channels.FileAddress{Path: path, Offset: offset}}
}

// The texts were compared with a QEMU 10.0.2, except where noted.
func TestParseURIErrors(t *testing.T) {
	h65 := strings.Repeat("h", 65)
	for uri, want := range map[string]string{
		"":                            "unknown migration protocol: ",
		"bogus:1":                     "unknown migration protocol: bogus:1",
		"bogus":                       "unknown migration protocol: bogus",
		"tcp":                         "unknown migration protocol: tcp",
		"TCP:h:1":                     "unknown migration protocol: TCP:h:1",
		"{bad":                        "unknown migration protocol: {bad",
		"defer":                       "unknown migration protocol: defer",
		"tcp:":                        "error parsing address ''",
		"tcp:127.0.0.1":               "error parsing address '127.0.0.1'",
		"tcp:127.0.0.1:":              "error parsing address '127.0.0.1:'",
		"tcp:127.0.0.1:,to=1":         "error parsing address '127.0.0.1:,to=1'",
		"tcp:" + h65 + ":1":           "error parsing address '" + h65 + ":1'",
		"tcp:h:" + h65:                "error parsing address 'h:" + h65 + "'", // QEMU cuts the port
		"tcp::":                       "error parsing port in address ':'",
		"tcp::,x":                     "error parsing port in address ':,x'",
		"tcp:[bad":                    "error parsing IPv6 address '[bad'",
		"tcp:[::1:0":                  "error parsing IPv6 address '[::1:0'",
		"tcp:[::1]":                   "error parsing IPv6 address '[::1]'",
		"tcp:[::1]:":                  "error parsing IPv6 address '[::1]:'",
		"tcp:[::1]x:1":                "error parsing IPv6 address '[::1]x:1'",
		"tcp:[]:1":                    "error parsing IPv6 address '[]:1'",
		"tcp:h:1,to=x":                "error parsing to= argument",
		"tcp:h:1,to=":                 "error parsing to= argument",
		"tcp:h:1,to=5x":               "error parsing to= argument",
		"tcp:h:1,to=65536":            "error parsing to= argument", // QEMU takes it modulo 65536
		"tcp:h:1,ipv4=maybe":          "error parsing 'ipv4' flag '=maybe'",
		"tcp:h:1,ipv4=maybe,ipv6=on":  "error parsing 'ipv4' flag '=maybe,ipv6=on'",
		"tcp:h:1,ipv4=on,,x":          "error parsing 'ipv4' flag '=on,,x'",
		"tcp:h:1,ipv6=1":              "error parsing 'ipv6' flag '=1'",
		"tcp:h:1,keep-alive=x":        "error parsing 'keep-alive' flag '=x'",
		"unix:":                       "invalid Unix socket address",
		"fd:":                         "invalid file descriptor address",
		"vsock:":                      "error parsing address ''",
		"vsock:1":                     "error parsing address '1'",
		"vsock::1":                    "error parsing address ':1'",
		"vsock:1:2,x":                 "trailing characters in address '1:2,x'",
		"file:F,offset=zz":            "file URI has bad offset zz: Invalid argument",
		"file:x,offset=q":             "file URI has bad offset q: Invalid argument",
		"file:x,offset=":              "file URI has bad offset : Invalid argument",
		"file:x,offset=1.5":           "file URI has bad offset 1.5: Invalid argument",
		"file:x,offset=1,offset=2":    "file URI has bad offset 1,offset=2: Invalid argument",
		"file:x,offset=-1":            "file URI has bad offset -1: Numerical result out of range",
		"file:x,offset=16E":           "file URI has bad offset 16E: Numerical result out of range",
		"file:/dev/fdset/9,offset=0x": "file URI has bad offset 0x: Invalid argument",
	} {
		if a, err := channels.ParseURI(uri); err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v; want %s", uri, a, err, want)
		}
	}
}

func TestAddressString(t *testing.T) {
	for _, test := range []struct {
		address channels.Address
		want    string
	}{
		{inet(channels.InetAddress{Host: "127.0.0.1", Port: "44293", IPv4: channels.FlagOn}), "tcp:127.0.0.1:44293"},
		{inet(channels.InetAddress{Host: "::1", Port: "43967"}), "tcp:::1:43967"}, // without brackets, as in HMP
		{unixAddress("DIR/m"), "unix:DIR/m"},
		{vsockAddress("2", "1"), "vsock:2:1"},
		{fdName("X"), "fd:X"},
		{execShell("cat > f"), "exec:cat > f"},
		{execArgs("/bin/cat", "a", "b"), "exec:/bin/cat a b"},
		{fileAt("f", 0), "file:f"},
		{fileAt("f", 4096), "file:f,offset=4096"},
		{channels.Address{}, "unknown address type"},
	} {
		if got := test.address.String(); got != test.want {
			t.Errorf("%+v: %s", test.address, got)
		}
	}
}

func TestFlag(t *testing.T) {
	for _, f := range []channels.Flag{channels.FlagUnset, channels.FlagOff, channels.FlagOn} {
		if got := channels.FlagOf(f.Ptr()); got != f {
			t.Errorf("%d became %d", f, got)
		}
	}
	if p := channels.FlagOff.Ptr(); p == nil || *p {
		t.Error("off")
	}
}

func TestFDNumber(t *testing.T) {
	for name, want := range map[string]int{"0": 0, "28": 28, "x": -1, "-1": -1, "1x": -1, "": -1, "99999999999": -1} {
		n, ok := channels.FDAddress{Name: name}.Number()
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d, %v", name, n, ok)
		}
	}
}

// FuzzParseURI: no panic, no wait, errors in one line of bounded size, and what has no options survives printing.
func FuzzParseURI(f *testing.F) {
	for _, seed := range []string{
		"", "tcp:", "tcp:127.0.0.1:4444,to=4450,ipv4=on,ipv6=off,keep-alive", "tcp:[::1]:0", "tcp::0", "unix:/tmp/x",
		"vsock:2:1234", "fd:migrate", "fd:5", "exec:cat > x", "file:/x,offset=1.5M", "file:x,offset=0xffffffffffffffff",
		"tcp:[bad", "file:,offset=", "rdma:1.2.3.4:1", "tcp:h:1,ipv4=on,,to=1", "file:x,offset=99999999999999999999E",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		a, err := channels.ParseURI(uri)
		if err != nil {
			if len(err.Error()) > len(uri)+100 {
				t.Errorf("a long error: %q", err)
			}
			return
		}
		text := a.String()
		if a.Type == channels.SocketInet {
			if !strings.HasPrefix(uri, "tcp:") || a.Inet.Port == "" {
				t.Errorf("%q became %q", uri, text)
			}
			return
		}
		again, err := channels.ParseURI(text)
		if err != nil || !reflect.DeepEqual(a, again) {
			t.Errorf("%q became %q, then %+v, %v", uri, text, again, err)
		}
	})
}
