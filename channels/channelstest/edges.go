package channelstest

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"qmpmigrate/channels"
)

// testNoRoom: calls without a single byte return at once, also when nothing has come.
func testNoRoom(t *testing.T, k Kind) {
	out, in := k.open(t)
	for _, iov := range [][][]byte{nil, {}, {nil}, {{}, nil, {}}} {
		if n, err := in.ReadVec(iov); n != 0 || err != nil {
			t.Errorf("ReadVec(%v): %d, %v", iov, n, err)
		}
		if n, err := out.WriteVec(iov); n != 0 || err != nil {
			t.Errorf("WriteVec(%v): %d, %v", iov, n, err)
		}
	}
	if n, err := in.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil): %d, %v", n, err)
	}
	if n, err := out.Write(nil); n != 0 || err != nil {
		t.Errorf("Write(nil): %d, %v", n, err)
	}
}

// testArgumentsUntouched: WriteVec leaves the caller's slices as they are.
func testArgumentsUntouched(t *testing.T, k Kind) {
	iov := [][]byte{[]byte("header--"), nil, []byte(strings.Repeat("page", 1024))}
	k.flow(t,
		func(out channels.Conn) {
			for range 100 {
				if _, err := out.WriteVec(iov); err != nil {
					t.Error(err)
					return
				}
				if len(iov) != 3 || len(iov[0]) != 8 || len(iov[1]) != 0 || len(iov[2]) != 4096 ||
					string(iov[0]) != "header--" || iov[2][4095] != 'e' {
					t.Errorf("changed: %q", iov)
					return
				}
			}
		},
		func(in channels.Conn) {
			if n, err := io.Copy(io.Discard, in); n != 410400 || err != nil {
				t.Errorf("%d bytes, %v", n, err)
			}
		})
}

// testEndRepeats: the end of the stream stays the end.
func testEndRepeats(t *testing.T, k Kind) {
	k.flow(t,
		func(out channels.Conn) { io.WriteString(out, "x") },
		func(in channels.Conn) {
			b := make([]byte, 10)
			if n, err := io.ReadFull(in, b); n != 1 || err != io.ErrUnexpectedEOF {
				t.Errorf("%d, %v", n, err)
			}
			for range 3 {
				if n, err := in.Read(b); n != 0 || !errors.Is(err, io.EOF) {
					t.Errorf("after the end: %d, %v", n, err)
				}
			}
		})
}

// testDirection: in can answer if it says so; otherwise that is an error.
func testDirection(t *testing.T, k Kind) {
	out, in := k.open(t)
	if out.TwoWay() != k.TwoWay || in.TwoWay() != k.TwoWay {
		t.Fatalf("TwoWay: %v and %v", out.TwoWay(), in.TwoWay())
	}
	if out.String() == "" || in.String() == "" {
		t.Error("no name")
	}
	if !k.TwoWay {
		n, err := in.Write([]byte("answer"))
		if n != 0 || !errors.Is(err, syscall.EBADF) || !strings.HasPrefix(err.Error(), "Unable to write to ") {
			t.Errorf("answer: %d, %v", n, err)
		}
		if n, err = out.Read(make([]byte, 1)); n != 0 || !errors.Is(err, syscall.EBADF) ||
			!strings.HasPrefix(err.Error(), "Unable to read from ") {
			t.Errorf("reading: %d, %v", n, err)
		}
		return
	}
	echo := start(func() { io.Copy(struct{ io.Writer }{in}, struct{ io.Reader }{in}) })
	data, got := randomData(5, 1<<20), make([]byte, 1<<20)
	sent := start(func() { out.Write(data) })
	if _, err := io.ReadFull(out, got); err != nil || string(got) != string(data) {
		t.Errorf("the answer differs or failed: %v", err)
	}
	sent.wait(t, "Write")
	out.Close()
	echo.wait(t, "the echo")
}

// testPeerGone: a peer that closes ends a writer with an errno and QEMU's words.
func testPeerGone(t *testing.T, k Kind) {
	out, in := k.open(t)
	if _, err := out.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(in, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	in.Close()
	var err error
	start(func() {
		for chunk := make([]byte, 1<<16); err == nil; {
			_, err = out.Write(chunk)
		}
	}).wait(t, "Write")
	wantBroken(t, err)
}

// wantBroken checks the error of a write to somebody who has gone.
func wantBroken(t *testing.T, err error) {
	t.Helper()
	words := " Broken pipe"
	if errors.Is(err, syscall.ECONNRESET) {
		words = " Connection reset by peer"
	} else if !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("no EPIPE: %v", err)
	}
	e, ok := errors.AsType[*channels.Error](err)
	if !ok || !strings.HasPrefix(e.Op, "Unable to write to ") || e.Error() != e.Op+":"+words {
		t.Errorf("not QEMU's words: %v", err)
	}
}

// testNoAllocations: the calls of the hot path leave the garbage collector alone.
func testNoAllocations(t *testing.T, k Kind) {
	if RaceDetector || k.Allocates {
		t.Skip("allocations do not count")
	}
	const rounds = 50
	iov := [][]byte{make([]byte, 8), make([]byte, 4096), make([]byte, 8), make([]byte, 4096)}
	var writes, reads float64
	var out, in channels.Conn
	write := func() { out.WriteVec(iov) }
	read := func() {
		for left := 2 * 4104; left > 0; {
			n, err := in.ReadVec(iov)
			if err != nil {
				t.Fatal(err)
			}
			left -= n
		}
	}
	if k.Stored {
		first, later := k.Open(t)
		out = first
		writes = testing.AllocsPerRun(rounds, write)
		closeConn(t, out)
		in = later()
		reads = testing.AllocsPerRun(rounds, read)
		closeConn(t, in)
	} else {
		out, in = k.open(t)
		writes = testing.AllocsPerRun(rounds, func() { write(); read() })
	}
	if writes != 0 || reads != 0 {
		t.Errorf("%v allocations in a write, %v in a read", writes, reads)
	}
}
