package qmp

import (
	"bufio"
	"context"
	"net"
	"os"
	"regexp"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const testGreeting = `{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}, "package": "test"}, "capabilities": ["oob"]}}`

// patience ends what a broken server would make wait for ever.
const patience = time.Minute

// eventLine is an event, whatever its time.
var eventLine = regexp.MustCompile(`^{"timestamp": {"seconds": \d+, "microseconds": \d{1,6}}, "event": "(\w+)"(, "data": (.*))?}\r\n$`)

// peer is a client on a real socket, whose every wait ends.
type peer struct {
	t     testing.TB
	conn  net.Conn
	lines *bufio.Reader
}

func newPeer(t testing.TB, conn net.Conn) *peer {
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

func dial(t testing.TB, l net.Listener) *peer {
	t.Helper()
	conn, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn)
}

// line reads the next one.
func (p *peer) line() (string, error) {
	p.conn.SetReadDeadline(time.Now().Add(patience))
	return p.lines.ReadString('\n')
}

func (p *peer) expect(want ...string) {
	p.t.Helper()
	for _, w := range want {
		line, err := p.line()
		if err != nil || line != w+"\r\n" {
			p.t.Fatalf("got %q, %v, want %q", line, err, w)
		}
	}
}

// expectEvent reads an event and returns its data.
func (p *peer) expectEvent(name string) string {
	p.t.Helper()
	line, err := p.line()
	match := eventLine.FindStringSubmatch(line)
	if match == nil || match[1] != name {
		p.t.Fatalf("got %q, %v, want event %s", line, err, name)
	}
	return match[3]
}

func (p *peer) expectEOF() {
	p.t.Helper()
	if line, err := p.line(); err == nil || os.IsTimeout(err) {
		p.t.Fatalf("got %q, %v, want the end", line, err)
	}
}

func (p *peer) ask(request string, want ...string) {
	p.t.Helper()
	p.send(request)
	p.expect(want...)
}

// send sends a request, with descriptors if there are any.
func (p *peer) send(request string, fds ...int) {
	p.t.Helper()
	var err error
	p.conn.SetWriteDeadline(time.Now().Add(patience))
	if len(fds) == 0 {
		_, err = p.conn.Write([]byte(request))
	} else {
		_, _, err = p.conn.(*net.UnixConn).WriteMsgUnix([]byte(request), unix.UnixRights(fds...), nil)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) negotiate() {
	p.t.Helper()
	p.expect(testGreeting)
	p.ask(`{"execute": "qmp_capabilities"}`, `{"return": {}}`)
}

// serve listens and serves one client after the other until the test ends.
func serve(t testing.TB, m *Monitor, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = m.ServeConn(ctx, conn)
		}
	}()
	t.Cleanup(func() {
		cancel()
		l.Close()
		<-ended
	})
	return l
}
