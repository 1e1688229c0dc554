package record_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
	"qmpmigrate/channels/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A recorded channel is a channel like any other.
func TestConformance(t *testing.T) {
	channelstest.Run(t, channelstest.Kind{TwoWay: true, Open: func(t testing.TB) (channels.Conn, func() channels.Conn) {
		out, in := channelstest.TCP(t)
		in = record.Wrap(in, io.Discard, io.Discard)
		return record.Wrap(out, io.Discard, io.Discard), func() channels.Conn { return in }
	}})
}

// Both directions, by all calls, are kept as they were.
func TestCopies(t *testing.T) {
	out, in := channelstest.TCP(t)
	var read, written, wantRead, wantWritten bytes.Buffer
	c := record.Wrap(out, &read, &written)
	for i := range 50 {
		text := strings.Repeat(string(rune('a'+i%26)), i*100)
		if i%2 == 0 {
			io.WriteString(c, text)
		} else {
			c.WriteVec([][]byte{[]byte("head"), nil, []byte(text)})
			text = "head" + text
		}
		wantWritten.WriteString(text)
		io.CopyN(in, in, int64(len(text))) // sends it back
		for got := 0; got < len(text); {
			var n int
			if i%3 == 0 {
				n, _ = c.Read(make([]byte, 64))
			} else {
				n, _ = c.ReadVec([][]byte{make([]byte, 3), {}, make([]byte, 500)})
			}
			got += n
		}
		wantRead.WriteString(text)
	}
	if !bytes.Equal(written.Bytes(), wantWritten.Bytes()) || !bytes.Equal(read.Bytes(), wantRead.Bytes()) {
		t.Errorf("%d bytes written, %d read", written.Len(), read.Len())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// Only what was really taken is kept.
func TestPartialWrite(t *testing.T) {
	out, in := channelstest.TCP(t)
	var written bytes.Buffer
	c := record.Wrap(out, nil, &written)
	go func() {
		io.ReadFull(in, make([]byte, 100))
		in.Shutdown()
	}()
	iov := [][]byte{bytes.Repeat([]byte("x"), 1<<20), bytes.Repeat([]byte("y"), 64<<20)}
	n, err := c.WriteVec(iov)
	if err == nil || n != int64(written.Len()) {
		t.Errorf("%d written, %d kept, %v", n, written.Len(), err)
	}
	if !bytes.Equal(written.Bytes(), bytes.Join(iov, nil)[:n]) {
		t.Error("the copy differs")
	}
}

// full takes some bytes and then no more.
type full struct {
	room int
	err  error
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, f.err
	}
	f.room -= len(p)
	return len(p), nil
}

// A copy that fails leaves the channel alone and is told about at the end.
func TestCopyFails(t *testing.T) {
	out, in := channelstest.TCP(t)
	why := errors.New("disk full")
	c := record.Wrap(out, nil, &full{room: 10, err: why})
	for i := range 5 {
		if n, err := c.Write([]byte("12345")); n != 5 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if failed := c.Err() != nil; failed != (i >= 2) {
			t.Errorf("after %d writes: %v", i+1, c.Err())
		}
	}
	got := make([]byte, 25)
	if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, bytes.Repeat([]byte("12345"), 5)) {
		t.Errorf("%q, %v", got, err)
	}
	if err := c.Close(); !errors.Is(err, why) {
		t.Errorf("Close: %v", err)
	}
}
