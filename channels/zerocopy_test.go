package channels_test

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/channels"
)

// dialled returns both ends of a channel to a server at uri.
func dialled(t *testing.T, uri string) (ours, theirs channels.Conn) {
	t.Helper()
	l, err := channels.Listen(t.Context(), address(t, uri, shortDir(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if ours, err = channels.Dial(t.Context(), l.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	if theirs, err = l.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	return ours, theirs
}

// What is sent without being copied arrives whole and in order with what is copied, however slow the peer is.
func TestUncopied(t *testing.T) {
	ours, theirs := dialled(t, "tcp:127.0.0.1:0")
	direct, err := channels.NewUncopied(ours)
	if err != nil {
		t.Fatal(err)
	}
	const rounds, pages, size = 40, 1100, 4096 // more buffers than a call takes
	memory := make([]byte, pages*size)
	for i := range memory {
		memory[i] = byte(i * 7 >> 5)
	}
	iov := make([][]byte, pages)
	for i := range iov {
		iov[i] = memory[i*size:][:size]
	}
	got := make(chan []byte)
	go func() {
		var b bytes.Buffer
		_, _ = io.CopyBuffer(struct{ io.Writer }{&b}, struct{ io.Reader }{theirs}, make([]byte, 100_000))
		got <- b.Bytes()
	}()
	for range rounds {
		if _, err := ours.Write([]byte("head")); err != nil {
			t.Fatal(err)
		}
		if n, err := direct.WriteVec(iov); err != nil || n != int64(len(memory)) {
			t.Fatal(n, err)
		}
	}
	copied, err := direct.Flush()
	if err != nil || !copied { // on its way to this machine the kernel copies everything
		t.Error("copied is", copied, err)
	}
	if copied, err = direct.Flush(); err != nil || copied {
		t.Error("with nothing under way copied is", copied, err)
	}
	ours.Close()
	want := bytes.Repeat(append([]byte("head"), memory...), rounds)
	if !bytes.Equal(<-got, want) {
		t.Error("something else has arrived")
	}
}

// A peer that takes nothing does not hold who waits.
func TestUncopiedShutdown(t *testing.T) {
	ours, _ := dialled(t, "tcp:127.0.0.1:0")
	direct, err := channels.NewUncopied(ours)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := direct.WriteVec([][]byte{make([]byte, 1<<20)}); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { ours.Shutdown() })
	for err == nil {
		if _, err = direct.WriteVec([][]byte{make([]byte, 1<<20)}); err == nil {
			_, err = direct.Flush()
		}
	}
	if !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
}

func TestUncopiedNeedsTCP(t *testing.T) {
	ours, _ := dialled(t, "unix:DIR/s")
	if _, err := channels.NewUncopied(ours); !errors.Is(err, channels.ErrNoZeroCopy) {
		t.Error(err)
	}
}
