package chardev

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience ends what a broken device would make wait for ever.
const patience = time.Minute

func opened(t *testing.T, conf Config, env Env) *Device {
	t.Helper()
	d, err := Open(t.Context(), conf, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// started opens a device that greets its clients and sends back what they send.
func started(t *testing.T, conf Config, env Env) *Device {
	t.Helper()
	d := opened(t, conf, env)
	if err := d.Attach(Frontend{Serve: echo}); err != nil {
		t.Fatal(err)
	}
	d.Start()
	return d
}

func echo(_ context.Context, conn io.ReadWriteCloser) {
	_, _ = io.WriteString(conn, "hello\n")
	_, _ = io.Copy(conn, conn)
}

func unixConfig(path string) Config {
	return Config{Label: "c", Backend: Socket, Server: true, Address: channels.Address{
		Transport: channels.TransportSocket, Type: channels.SocketUnix, Unix: channels.UnixAddress{Path: path},
	}}
}

func tcpConfig(port string) Config {
	return Config{Label: "c", Backend: Socket, Server: true, Address: channels.Address{
		Transport: channels.TransportSocket, Type: channels.SocketInet,
		Inet: channels.InetAddress{Host: "127.0.0.1", Port: port},
	}}
}

func socketPath(t *testing.T) string { return filepath.Join(t.TempDir(), "s") }

// peer is who talks to a device.
type peer struct {
	t     *testing.T
	conn  io.ReadWriteCloser
	lines *bufio.Reader
}

func newPeer(t *testing.T, conn io.ReadWriteCloser) *peer {
	if d, ok := conn.(interface{ SetDeadline(time.Time) error }); ok {
		_ = d.SetDeadline(time.Now().Add(patience))
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

func dial(t *testing.T, network, address string) *peer {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn)
}

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, text); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) expect(want string) {
	p.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(p.lines, got); err != nil || string(got) != want {
		p.t.Fatalf("got %q, %v, want %q", got[:n], err, want)
	}
}

func (p *peer) expectEOF() {
	p.t.Helper()
	if rest, err := io.ReadAll(p.lines); len(rest) > 0 || os.IsTimeout(err) {
		p.t.Fatalf("got %q, %v, want the end", rest, err)
	}
}

// notes collects messages.
type notes struct {
	mu   sync.Mutex
	list []string
	came chan struct{} // has a value after each
}

func newNotes() *notes { return &notes{came: make(chan struct{}, 100)} }

func (n *notes) add(text string) {
	n.mu.Lock()
	n.list = append(n.list, text)
	n.mu.Unlock()
	n.came <- struct{}{}
}

func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.list
}

func filenameOf(d *Device) string { return d.Info()[0].Filename }

// eventually waits for a state that another goroutine brings about.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(patience)
	for !f() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("%s does not come about", what)
		}
	}
}
