package channelstest

import (
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"qmpmigrate/channels"
)

// attempts is how often a race is run. The pauses differ, so that the waiting call is met before, while and after it
// begins to wait.
const attempts = 8

func pause(n int) {
	for range 1 << n {
		runtime.Gosched()
	}
}

func testShutdownFreesReader(t *testing.T, k Kind) {
	for i := range attempts {
		_, in := k.open(t)
		var n int
		var err error
		blocked := start(func() { n, err = in.ReadVec([][]byte{make([]byte, 8), make([]byte, 4096)}) })
		pause(i)
		if err := in.Shutdown(); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		blocked.wait(t, "ReadVec")
		if n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("ReadVec: %d, %v", n, err)
		}
	}
}

func testShutdownFreesWriter(t *testing.T, k Kind) {
	for i := range attempts {
		out, _ := k.open(t)
		var total int64
		var err error
		begun := make(chan struct{})
		blocked := start(func() { total, err = writeUntilError(out, begun) })
		<-begun
		pause(i)
		if err := out.Shutdown(); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		blocked.wait(t, "WriteVec")
		if !errors.Is(err, syscall.EPIPE) || total == 0 {
			t.Errorf("WriteVec: %d, %v", total, err)
		}
		wantBroken(t, err)
		if n, err := out.Write([]byte("more")); n != 0 || !errors.Is(err, syscall.EPIPE) {
			t.Errorf("a write after Shutdown: %d, %v", n, err)
		}
	}
}

// writeUntilError writes for ever, which without a reader means that it waits; begun is closed after the first write.
func writeUntilError(c channels.Conn, begun chan<- struct{}) (total int64, err error) {
	iov := [][]byte{make([]byte, 8), make([]byte, 1<<16)}
	for first := true; err == nil; first = false {
		var n int64
		n, err = c.WriteVec(iov)
		total += n
		if first {
			close(begun)
		}
	}
	return total, err
}

// testShutdownReachesPeer: the other end finds out, whichever end it was.
func testShutdownReachesPeer(t *testing.T, k Kind) {
	out, in := k.open(t)
	out.Write([]byte("last words"))
	if got := make([]byte, 10); k.TwoWay {
		if _, err := io.ReadFull(in, got); err != nil || string(got) != "last words" {
			t.Errorf("%q, %v", got, err)
		}
	}
	out.Shutdown()
	start(func() {
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Errorf("reading: %v", err)
		}
	}).wait(t, "the reader")

	for i := range attempts { // before the writer begins, while it writes, and when it waits for room
		out, in = k.open(t)
		var err error
		begun := make(chan struct{})
		writer := start(func() { _, err = writeUntilError(out, begun) })
		if i > 0 {
			<-begun
			io.ReadFull(in, make([]byte, 100))
			pause(2 * i)
		}
		in.Shutdown()
		writer.wait(t, "the writer")
		wantBroken(t, err)
	}

	out, in = k.open(t) // in the middle of a single call that no buffer can hold
	var n int64
	var err error
	iov := [][]byte{make([]byte, 1<<20), make([]byte, 64<<20)}
	writer := start(func() { n, err = out.WriteVec(iov) })
	io.ReadFull(in, make([]byte, 100))
	in.Shutdown()
	writer.wait(t, "the writer of much")
	if n < 100 || n >= 65<<20 {
		t.Errorf("%d bytes were written", n)
	}
	wantBroken(t, err)
}

func testShutdownTwice(t *testing.T, k Kind) {
	out, later := k.Open(t)
	if k.Stored {
		out.Write([]byte("data"))
		out.Shutdown()
		out.Shutdown()
		if _, err := out.Write([]byte("data")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("writing: %v", err)
		}
	}
	in := later()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := in.Shutdown(); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if err := out.Shutdown(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, err := in.Read(make([]byte, 9)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("reading: %d, %v", n, err)
	}
	for range 2 {
		closeConn(t, in)
		closeConn(t, out)
		if err := errors.Join(in.Shutdown(), out.Shutdown()); err != nil {
			t.Errorf("Shutdown after Close: %v", err)
		}
	}
}

func testCloseFreesReader(t *testing.T, k Kind) {
	for i := range attempts {
		_, in := k.open(t)
		var err error
		blocked := start(func() { _, err = in.Read(make([]byte, 8)) })
		pause(i)
		closing := start(func() { in.Close() })
		blocked.wait(t, "Read")
		closing.wait(t, "Close")
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("Read: %v", err)
		}
	}
}

func testCloseFreesWriter(t *testing.T, k Kind) {
	for i := range attempts {
		out, in := k.open(t)
		var err error
		begun := make(chan struct{})
		blocked := start(func() { _, err = writeUntilError(out, begun) })
		<-begun
		pause(i)
		closing := start(func() { out.Close() })
		blocked.wait(t, "WriteVec")
		in.Shutdown() // a command at the other end may still wait for a reader
		out.Shutdown()
		closing.wait(t, "Close")
		if !errors.Is(err, os.ErrClosed) && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("WriteVec: %v", err)
		}
	}
}

// testNumberReused: while descriptor numbers are given out again as fast as they can be, a Shutdown that comes late must
// not hit the new owner.
func testNumberReused(t *testing.T, k Kind) {
	for range attempts {
		victimOut, victimIn := socketPair(t)
		victim := make(chan struct{})
		go func() { // lives on whatever numbers become free
			defer close(victim)
			for i := range 200 {
				a, b := socketPair(t)
				if _, err := a.Write([]byte{byte(i)}); err != nil {
					t.Errorf("a stranger's socket was hit: %v", err)
				}
				if n, err := b.Read(make([]byte, 1)); n != 1 {
					t.Errorf("a stranger's socket was hit: %v", err)
				}
				a.Close()
				b.Close()
			}
		}()
		out, in := k.open(t)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { in.Shutdown(); out.Shutdown() })
			all.Go(func() { out.Shutdown(); out.Close() })
			all.Go(func() { in.Shutdown(); in.Close(); in.Shutdown() })
		}
		all.Wait()
		<-victim
		victimOut.Close()
		victimIn.Close()
	}
}

func socketPair(t testing.TB) (a, b *os.File) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fds[0]), "a"), os.NewFile(uintptr(fds[1]), "b")
}
