package emulator

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"testing"
	"testing/iotest"
)

func TestPumpHarms(t *testing.T) {
	stream := bytes.Repeat([]byte{0}, 200<<10)
	copy(stream[100:], "mark")
	for _, tc := range []struct {
		name string
		pump pump
		size int
	}{
		{"whole", pump{}, len(stream)},
		{"corrupt", pump{corrupt: map[int64]byte{3: 1, 100_000: 0x80}}, len(stream)},
		{"cut", pump{limit: 70_001}, 70_001},
		{"cut behind a mark", pump{limit: 5, mark: []byte("mark")}, 109},
		{"cut far behind a mark", pump{limit: 70_000, mark: []byte("mark")}, 70_104},
		{"no such mark", pump{limit: 5, mark: []byte("marks")}, len(stream)},
	} {
		for way, read := range map[string]func(io.Reader) io.Reader{
			"": func(r io.Reader) io.Reader { return r }, " in small parts": iotest.OneByteReader,
		} {
			t.Run(tc.name+way, func(t *testing.T) {
				p := tc.pump
				p.marked = make(chan struct{})
				if p.mark == nil {
					close(p.marked)
				}
				var out bytes.Buffer
				if cut := p.forward(&out, read(bytes.NewReader(stream))); cut != (tc.size < len(stream)) {
					t.Errorf("was cut: %v", cut)
				}
				if out.Len() != tc.size {
					t.Fatalf("%d bytes came through", out.Len())
				}
				for at, b := range out.Bytes() {
					if b != stream[at]^tc.pump.corrupt[int64(at)] {
						t.Fatalf("byte %d is %#x", at, b)
					}
				}
			})
		}
	}
}

// proxied starts a proxy between two ends and returns both of n connections through it.
func proxied(t *testing.T, p *Proxy, n int) (near, far []net.Conn) {
	t.Helper()
	p.target = filepath.Join(t.TempDir(), "far")
	listener, err := net.Listen("unix", p.target)
	Must(t, err)
	t.Cleanup(func() { listener.Close() })
	uri, err := p.listen(&Emulator{Dir: t.TempDir()})
	Must(t, err)
	t.Cleanup(p.Close)
	for range n {
		a, err := net.Dial("unix", uri[len("unix:"):])
		Must(t, err)
		t.Cleanup(func() { a.Close() })
		b, err := listener.Accept()
		Must(t, err)
		t.Cleanup(func() { b.Close() })
		near, far = append(near, a), append(far, b)
	}
	return near, far
}

// ended checks that a connection gives want and ends.
func ended(t *testing.T, name string, c net.Conn, want int) {
	t.Helper()
	if data, _ := io.ReadAll(c); len(data) != want {
		t.Errorf("%s: %d bytes", name, len(data))
	}
}

// A cut ends all connections, at both ends.
func TestProxyCutEndsEverything(t *testing.T) {
	p := &Proxy{Cut: 10, Lane: 1}
	near, far := proxied(t, p, 2)
	_, err := near[0].Write(make([]byte, 1000))
	Must(t, err)
	_, err = io.ReadFull(far[0], make([]byte, 1000))
	Must(t, err)
	_, err = near[1].Write(make([]byte, 1000))
	Must(t, err)
	ended(t, "far end", far[1], 10)
	ended(t, "near end", near[1], 0)
	ended(t, "far end of the other", far[0], 0)
	ended(t, "near end of the other", near[0], 0)
	if !p.WasCut() {
		t.Error("was not cut")
	}
}

// What is answered counts from the mark in the stream on.
func TestProxyCutsAnswers(t *testing.T) {
	p := &Proxy{CutBack: 10, Mark: []byte("mark")}
	near, far := proxied(t, p, 1)
	_, err := far[0].Write(make([]byte, 100))
	Must(t, err)
	_, err = io.ReadFull(near[0], make([]byte, 100))
	Must(t, err)
	_, err = near[0].Write([]byte("a mark"))
	Must(t, err)
	_, err = io.ReadFull(far[0], make([]byte, 6))
	Must(t, err)
	_, err = far[0].Write(make([]byte, 100))
	Must(t, err)
	ended(t, "near end", near[0], 10)
}

// The end of one connection is not that of another.
func TestProxyEndsOneConnection(t *testing.T) {
	p := &Proxy{}
	near, far := proxied(t, p, 2)
	near[0].Close()
	ended(t, "far end", far[0], 0)
	_, err := near[1].Write(make([]byte, 100))
	Must(t, err)
	_, err = io.ReadFull(far[1], make([]byte, 100))
	Must(t, err)
	if p.WasCut() {
		t.Error("was cut")
	}
}
