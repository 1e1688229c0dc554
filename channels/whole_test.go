package channels_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"qmpmigrate/channels"
)

// Large reads, small ones and looks ahead can follow each other on one channel,
// however it comes.
func TestReadWhole(t *testing.T) {
	for _, uri := range []string{"tcp:127.0.0.1:0", "unix:DIR/s"} {
		ours, theirs := dialled(t, uri)
		sent := make([]byte, 3<<20)
		for i := range sent {
			sent[i] = byte(i * 31 >> 7)
		}
		go func() {
			_, _ = io.Copy(theirs, iotest.HalfReader(bytes.NewReader(sent)))
			theirs.Close()
		}()
		var got []byte
		take := func(sizes ...int) {
			t.Helper()
			var iov [][]byte
			var parts []byte
			total := 0
			for _, n := range sizes {
				total += n
			}
			parts = make([]byte, total)
			rest := parts
			for _, n := range sizes {
				iov, rest = append(iov, rest[:n]), rest[n:]
			}
			if n, err := channels.ReadWhole(ours, iov); n != total || err != nil {
				t.Fatal(uri, n, err)
			}
			got = append(got, parts...)
		}
		take(1<<20, 0, 7, 300<<10)
		b := make([]byte, 10)
		if _, err := ours.(channels.Peeker).Peek(b); err != nil || !bytes.Equal(b, sent[len(got):][:10]) {
			t.Error(uri, err)
		}
		take(1)
		take(512<<10, 12)
		rest := make([]byte, len(sent))
		n, err := channels.ReadWhole(ours, [][]byte{rest})
		if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(append(got, rest[:n]...), sent) {
			t.Error(uri, n, err)
		}
		if n, err := channels.ReadWhole(ours, [][]byte{rest}); n != 0 || !errors.Is(err, io.EOF) {
			t.Error(uri, n, err)
		}
	}
}

// Who waits for much is not held where little comes.
func TestReadWholeShutdown(t *testing.T) {
	ours, theirs := dialled(t, "tcp:127.0.0.1:0")
	if _, err := theirs.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 500)
	if _, err := channels.ReadWhole(ours, [][]byte{first}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := channels.ReadWhole(ours, [][]byte{make([]byte, 1<<20)})
		done <- err
	}()
	ours.Shutdown()
	if err := <-done; !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}
