package links

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
	"qmpmigrate/channels/tls"
	"qmpmigrate/channels/tls/tlstest"
)

// queue is a listener whose clients come in a known order.
type queue struct {
	channels.Listener
	conns  chan channels.Conn
	closed chan struct{}
	once   sync.Once
}

func newQueue() *queue {
	return &queue{conns: make(chan channels.Conn, 2), closed: make(chan struct{})}
}

func (q *queue) Accept(ctx context.Context) (channels.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.closed:
		return nil, errors.New("closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (q *queue) Close() error {
	q.once.Do(func() { close(q.closed) })
	return nil
}

// secured is a connection inside TLS.
func secured(t *testing.T) (client, server channels.Conn) {
	t.Helper()
	a := tlstest.NewAuthority(t, "ca")
	end := func(name string) *tls.X509 {
		x := &tls.X509{Certificate: a.Sign(t, tlstest.Host(name)).TLS()}
		x.Authorities = append(x.Authorities, a.Cert)
		return x
	}
	out, in := channelstest.TCP(t)
	with := end("localhost")
	served := make(chan error, 1)
	go func() {
		conn, err := with.Server(t.Context(), in, nil)
		server = conn
		served <- err
	}()
	client, err := end("client").Client(t.Context(), out, "localhost")
	if err := errors.Join(err, <-served); err != nil {
		t.Fatal(err)
	}
	return client, server
}

// plain is a connection without TLS.
func plain(t *testing.T) (client, server channels.Conn) { return channelstest.TCP(t) }

// The main channel is the one that speaks first, whichever handshake was over first; without TLS it is the one that
// came first. A source may have none but that.
func TestWhichOfAPairIsTheMainChannel(t *testing.T) {
	for name, c := range map[string]struct {
		open    func(*testing.T) (client, server channels.Conn)
		main    int // of those in the order in which they come
		others  int
		delayed bool // the second comes when the main one has spoken
	}{
		"plain":              {plain, 0, 1, false},
		"in order":           {secured, 0, 1, false},
		"the other way":      {secured, 1, 1, false},
		"one":                {secured, 0, 0, false},
		"the second is late": {secured, 0, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueue()
			var clients, servers []channels.Conn
			for range 1 + c.others {
				client, server := c.open(t)
				clients, servers = append(clients, client), append(servers, server)
			}
			q.conns <- servers[0]
			if c.others > 0 && !c.delayed {
				q.conns <- servers[1]
			}
			if _, err := clients[c.main].Write([]byte("QEVM")); err != nil {
				t.Fatal(err)
			}
			p, err := AcceptPair(t.Context(), q, func(func()) {})
			if err != nil {
				t.Fatal(err)
			}
			if p.Conn != servers[c.main] || string(next(t, p, 4)) != "QEVM" {
				t.Error("another channel is the main one")
			}
			if c.delayed {
				q.conns <- servers[1]
			}
			if c.others == 0 {
				p.Shutdown()
			}
			<-p.Ready
			if second, err := p.Other(); c.others == 0 && err == nil || c.others > 0 && second != servers[1-c.main] {
				t.Errorf("second: %v, %v", second, err)
			}
			p.Close()
			<-q.closed
		})
	}
}

// A source that says nothing can be given up, and goes with its destination, or with the listener: whether one of its
// channels is there or both.
func TestPairThatSaysNothing(t *testing.T) {
	for name, end := range map[string]func(q *queue, cancel, giveUp func()){
		"cancelled": func(_ *queue, cancel, _ func()) { cancel() },
		"given up":  func(_ *queue, _, giveUp func()) { giveUp() },
		"closed":    func(q *queue, _, _ func()) { q.Close() },
	} {
		for _, both := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/both=%v", name, both), func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				q := newQueue()
				client, server := secured(t)
				q.conns <- server
				var other channels.Conn
				if both {
					other, server = secured(t)
					q.conns <- server
				}
				_, err := AcceptPair(ctx, q, func(giveUp func()) {
					go func() {
						for len(q.conns) > 0 { // all are let in
							time.Sleep(time.Millisecond)
						}
						end(q, cancel, giveUp)
					}()
				})
				if err == nil {
					t.Fatal("it is there")
				}
				if _, err := client.Read(make([]byte, 1)); err == nil {
					t.Error("the channel is open")
				}
				if both {
					if _, err := other.Read(make([]byte, 1)); err == nil {
						t.Error("the other channel is open")
					}
				}
				<-q.closed
			})
		}
	}
}

// A third one is sent away while nobody of the two has spoken.
func TestThirdOfAPair(t *testing.T) {
	q := newQueue()
	main, server := secured(t)
	q.conns <- server
	_, second := secured(t)
	q.conns <- second
	third, stranger := secured(t)
	p, err := AcceptPair(t.Context(), q, func(func()) {
		go func() {
			q.conns <- stranger
			if _, err := third.Read(make([]byte, 1)); err == nil {
				t.Error("it is let in")
			}
			_, _ = main.Write([]byte("QEVM"))
		}()
	})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Ready
	if other, err := p.Other(); err != nil || other != second {
		t.Errorf("second: %v, %v", other, err)
	}
	<-q.closed
	p.Close()
}

// A source that is given up when its channels have found their places is cut off as well: who does so cannot know.
func TestPairThatIsGivenUpLate(t *testing.T) {
	for _, both := range []bool{false, true} {
		t.Run(fmt.Sprintf("both=%v", both), func(t *testing.T) {
			q := newQueue()
			main, server := secured(t)
			q.conns <- server
			if both {
				_, server = secured(t)
				q.conns <- server
			}
			if _, err := main.Write([]byte("QEVM")); err != nil {
				t.Fatal(err)
			}
			var giveUp func()
			p, err := AcceptPair(t.Context(), q, func(f func()) { giveUp = f })
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if both {
				<-p.Ready
			}
			giveUp()
			cut := make(chan error, 1)
			go func() {
				_, err := main.Read(make([]byte, 1))
				cut <- err
			}()
			select {
			case <-cut:
			case <-time.After(2 * time.Second):
				t.Error("it goes on")
			}
		})
	}
}
