package qmp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// TestSlowClientGetsEverythingInOrder sends far more than a socket buffers to a client that reads only afterwards.
func TestSlowClientGetsEverythingInOrder(t *testing.T) {
	m := newTestServer(t)
	l := serve(t, m.server.NewMonitor(MonitorConfig{}), "unix", filepath.Join(t.TempDir(), "qmp"))
	p := dial(t, l)
	p.negotiate()
	filler := strings.Repeat("x", 1000)
	for i := range 5000 {
		m.server.Emit(testEvent{"PASS", fmt.Sprintf(`{"n": %d, "x": "%s"}`, i, filler)})
	}
	p.send(`{"execute": "stop"}`)
	for i := range 5000 {
		if got := p.expectEvent("PASS"); !strings.HasPrefix(got, fmt.Sprintf(`{"n": %d,`, i)) {
			t.Fatalf("event %d is %.40s", i, got)
		}
	}
	p.expectEvent("STOP")
	p.expect(`{"return": {}}`)
}

// TestEventsFromManyGoroutines checks that two clients see one order, and no torn line.
func TestEventsFromManyGoroutines(t *testing.T) {
	m := newTestServer(t)
	var peers []*peer
	for i := range 2 {
		l := serve(t, m.server.NewMonitor(MonitorConfig{}), "unix", filepath.Join(t.TempDir(), fmt.Sprint(i)))
		p := dial(t, l)
		p.negotiate()
		peers = append(peers, p)
	}
	var emitters sync.WaitGroup
	for g := range 4 {
		emitters.Go(func() {
			for i := range 200 {
				m.server.Emit(testEvent{"PASS", fmt.Sprintf(`{"g": %d, "n": %d}`, g, i)})
			}
		})
	}
	for range 800 {
		if a, b := peers[0].expectEvent("PASS"), peers[1].expectEvent("PASS"); a != b {
			t.Fatalf("%s and %s", a, b)
		}
	}
	emitters.Wait()
}

// TestDeafClientIsCutOff lets events pile up for a client that never reads, while another one is served.
func TestDeafClientIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		near, far := net.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- m.server.NewMonitor(MonitorConfig{}).ServeConn(t.Context(), near) }()
		io.ReadFull(far, make([]byte, len(testGreeting)+2))
		io.WriteString(far, `{"execute": "qmp_capabilities"}`)
		synctest.Wait()
		data := `"` + strings.Repeat("x", 1<<20) + `"`
		for range maxPending>>20 + 2 {
			m.server.Emit(testEvent{"PASS", data})
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		far.Close()
	})
}

// TestReplyBacklogStopsReading checks that a client cannot make the server hold replies without end.
func TestReplyBacklogStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		near, far := net.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- m.server.NewMonitor(MonitorConfig{}).ServeConn(t.Context(), near) }()
		request := []byte(`{"execute": "nope", "id": "` + strings.Repeat("x", 1<<20) + `"}`)
		taken := make(chan int)
		go func() {
			n := 0
			for {
				if _, err := far.Write(request); err != nil {
					taken <- n
					return
				}
				n++
			}
		}()
		synctest.Wait()
		far.Close()
		if n := <-taken; n < maxReplies>>20 || n > maxReplies>>20+2 {
			t.Errorf("%d requests of 1 MiB were taken", n)
		}
		<-ended
	})
}

// stubbornConn takes what it likes.
type stubbornConn struct {
	bytes.Buffer
	err error
}

func (c *stubbornConn) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	return c.Buffer.Write(p)
}

func (c *stubbornConn) Close() error { return nil }

func TestOutputAfterAnError(t *testing.T) {
	conn := &stubbornConn{err: errors.New("gone")}
	o := newOutput(conn, false)
	for range 3 {
		o.send([]byte("{}\r\n"))
	}
	if err := o.wait(context.Background(), 0); err != nil {
		t.Error(err)
	}
	if err := o.waitBroken(context.Background()); err != nil {
		t.Error(err)
	}
	o.end()
	if o.direct != nil {
		t.Error("a buffer is no socket")
	}
}
