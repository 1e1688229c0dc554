package rdma

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
	"qmpmigrate/core/rdma/verbs/soft"
)

func listening(t testing.TB, report func(string)) (*Listener, channels.InetAddress) {
	t.Helper()
	at := channels.Address{Transport: channels.TransportRDMA, Inet: channels.InetAddress{Host: "127.0.0.1", Port: "0"}}
	l, err := Listen(t.Context(), soft.Provider{}, at, nil, report)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, l.Addr().Inet
}

// opened is both ends of a channel.
func opened(t testing.TB, config Config) (src, dst *Conn) {
	t.Helper()
	l, to := listening(t, func(text string) { t.Error(text) })
	done := make(chan *Conn)
	go func() {
		c, err := l.Accept(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Error(err)
			close(done)
			return
		}
		done <- c.(*Conn)
	}()
	config.Report = func(text string) { t.Error(text) }
	src, err := Dial(t.Context(), soft.Provider{}, to, config)
	if err != nil {
		t.Fatal(err)
	}
	if dst = <-done; dst == nil {
		t.FailNow()
	}
	return src, dst
}

// It is a channel like any other, as far as bytes go.
func TestConformance(t *testing.T) {
	channelstest.Run(t, channelstest.Kind{TwoWay: true, Meets: true,
		Open: func(t testing.TB) (channels.Conn, func() channels.Conn) {
			src, dst := opened(t, Config{Back: true})
			return src, func() channels.Conn { return dst }
		}})
}

// Whoever waits for the peer is freed by Shutdown and by Close, at either end.
func TestWriterIsFreed(t *testing.T) {
	for name, end := range map[string]func(src, dst *Conn){
		"own shutdown": func(src, _ *Conn) { src.Shutdown() },
		"own close":    func(src, _ *Conn) { src.Close() },
		"peer's":       func(_, dst *Conn) { dst.Shutdown() },
		"peer's close": func(_, dst *Conn) { dst.Close() },
		"half its own": func(src, _ *Conn) { channels.CloseWrite(src) },
	} {
		src, dst := opened(t, Config{Back: true})
		done := make(chan error)
		go func() {
			for {
				if _, err := src.Write(make([]byte, 100<<10)); err != nil {
					done <- err
					return
				}
			}
		}()
		if _, err := io.ReadFull(dst, make([]byte, 300<<10)); err != nil {
			t.Fatal(err)
		}
		end(src, dst)
		if err := <-done; !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
		src.Close()
		dst.Close()
		if _, err := src.Write([]byte{1}); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: a write after Close: %v", name, err)
		}
	}
}

// A source that hangs up one way hears the last word all the same.
func TestLastWord(t *testing.T) {
	src, dst := opened(t, Config{Back: true})
	defer func() { src.Close(); dst.Close() }()
	if dst.HungUp() {
		t.Error("the source has hung up before it did so")
	}
	channels.CloseWrite(src)
	if n, err := dst.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
	if !channels.HungUp(dst) {
		t.Error("nobody knows that the source has hung up")
	}
	done := make(chan error)
	go func() {
		_, err := dst.Write([]byte("last"))
		done <- err
	}()
	got := make([]byte, 4)
	if _, err := io.ReadFull(src, got); err != nil || string(got) != "last" {
		t.Errorf("%q, %v", got, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Messages and calls need no memory of their own.
func TestNoAllocations(t *testing.T) {
	src, dst := opened(t, Config{})
	defer func() { src.Close(); dst.Close() }()
	p, q := make([]byte, 5000), make([]byte, 5000)
	read := make(chan struct{})
	go func() {
		for range read {
			io.ReadFull(dst, q)
			read <- struct{}{}
		}
	}()
	defer close(read)
	once := func() {
		read <- struct{}{}
		src.Write(p)
		<-read
	}
	once()
	if n := testing.AllocsPerRun(50, once); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
