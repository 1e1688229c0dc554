package chardev

import (
	"bytes"
	"testing"
)

func TestTelnet(t *testing.T) {
	conf := tcpConfig("0")
	conf.Telnet = true
	d := started(t, conf, Env{})
	resting := filenameOf(d)
	const before, after = "disconnected:telnet:", ",server=on"
	client := dial(t, "tcp", resting[len(before):len(resting)-len(after)])
	client.expect("\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x00hello\n")
	client.send("\xff\xfd\x01a\xff\xfd\x03\xff\xfb\x00b\xff\xff\xff\xf1c\xff\xfa\x18\x00xterm\xff\xffx\xff\xf0d")
	client.expect("ab\xffcd")
	client.send("\xff\xfe")
	client.send("\x01e")
	client.expect("e")
	if got := filenameOf(d); got[:len("telnet:127.0.0.1:")] != "telnet:127.0.0.1:" {
		t.Errorf("connected: %q", got)
	}
}

func TestTelnetOfAClient(t *testing.T) {
	l := started(t, tcpConfig("0"), Env{})
	const before, after = "disconnected:tcp:127.0.0.1:", ",server=on"
	name := filenameOf(l)
	conf := tcpConfig(name[len(before) : len(name)-len(after)])
	conf.Server, conf.Telnet = false, true
	d := opened(t, conf, Env{})
	if got := filenameOf(d); got[:len("telnet:127.0.0.1:")] != "telnet:127.0.0.1:" {
		t.Errorf("connected: %q", got)
	}
}

// Whatever a client sends, the decoder never makes it longer, and does not care how it is cut.
func FuzzTelnet(f *testing.F) {
	f.Add([]byte("plain"), 1)
	f.Add([]byte("\xff\xfb\x01a\xff\xff\xff\xfa\x18x\xff\xff\xff\xf0b"), 3)
	f.Add([]byte("\xff\xfa\xff\xfa\xff\xf0\xff\xf1\xff"), 2)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		var whole, parts telnetDecoder
		want := whole.decode(bytes.Clone(in))
		if len(want) > len(in) {
			t.Fatalf("%d bytes became %d", len(in), len(want))
		}
		if bytes.IndexByte(in, telnetIAC) < 0 && !bytes.Equal(in, want) {
			t.Fatalf("%q became %q", in, want)
		}
		cut = min(max(cut, 0), len(in))
		got := append([]byte(nil), parts.decode(bytes.Clone(in[:cut]))...)
		got = append(got, parts.decode(bytes.Clone(in[cut:]))...)
		if !bytes.Equal(got, want) || whole.state != parts.state {
			t.Fatalf("%q cut at %d: %q, at once %q", in, cut, got, want)
		}
		// What was escaped comes back.
		var again telnetDecoder
		escaped := bytes.ReplaceAll(in, []byte{telnetIAC}, []byte{telnetIAC, telnetIAC})
		if got := again.decode(escaped); !bytes.Equal(got, in) {
			t.Fatalf("%q came back as %q", in, got)
		}
	})
}
