package chardev

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stdioPipes makes the pipes of a program's standard input and output.
func stdioPipes(t *testing.T) (conn *pair, toIn, fromOut *os.File) {
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if conn, err = newPair(inR, outW); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, f := range []*os.File{inR, inW, outR, outW} {
			f.Close()
		}
	})
	_ = outR.SetDeadline(time.Now().Add(patience))
	return conn, inW, outR
}

func TestPairCloseEndsWaits(t *testing.T) {
	conn, in, out := stdioPipes(t)
	errs := make(chan error, 2)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		errs <- err
	}()
	go func() {
		_, err := conn.Write(make([]byte, 1<<20)) // nobody reads
		errs <- err
	}()
	_, _ = io.ReadFull(out, make([]byte, 1)) // the writer is at work
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-errs; !errors.Is(err, os.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
	if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	if err := conn.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
	if n, err := conn.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
	in.Close()
}

func TestPairTellsTheEndOfItsInput(t *testing.T) {
	conn, in, out := stdioPipes(t)
	defer conn.Close()
	_, _ = in.WriteString("all")
	in.Close()
	if text, err := io.ReadAll(conn); err != nil || string(text) != "all" {
		t.Errorf("%q, %v", text, err)
	}
	out.Close()
	if _, err := conn.Write([]byte("x")); !errors.Is(err, unix.EPIPE) {
		t.Errorf("nobody reads: %v", err)
	}
}

func TestStdioOfPipes(t *testing.T) {
	pipes, in, out := stdioPipes(t)
	pipes.Close()
	d := started(t, Config{Label: "c", Backend: Stdio}, Env{In: pipes.in, Out: pipes.out})
	_, _ = in.WriteString("x")
	p := newPeer(t, out)
	p.expect("hello\nx")
	if got := filenameOf(d); got != "stdio" {
		t.Errorf("it is %q", got)
	}
	d.Close()
	if _, err := pipes.out.WriteString("still open"); err != nil {
		t.Error(err)
	}
	p.expect("still open")
}
