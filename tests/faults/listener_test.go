package faults

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A listener plays a destination: it takes all that comes on its first connection, and says something there, once
// mark, if there is one, has come.
type listener struct {
	mark []byte
	says func(io.Writer)
}

// wait begins. With end, and with the test, it hangs up.
func (l listener) wait(t *testing.T) (uri string, end func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "qf") // a short path
	emulator.Must(t, err)
	in, err := net.Listen("unix", filepath.Join(dir, "m"))
	emulator.Must(t, err)
	over := make(chan struct{})
	var play sync.WaitGroup
	play.Go(func() {
		conn, err := in.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		play.Go(func() { <-over; conn.Close() })
		if len(l.mark) > 0 && !passes(conn, l.mark) {
			return
		}
		play.Go(func() { l.says(conn) })
		_, _ = io.Copy(io.Discard, conn)
	})
	end = sync.OnceFunc(func() {
		close(over)
		in.Close()
		play.Wait()
		os.RemoveAll(dir)
	})
	t.Cleanup(end)
	return "unix:" + in.Addr().String(), end
}

// passes reads until mark has come.
func passes(in io.Reader, mark []byte) bool {
	var tail []byte
	part := make([]byte, 64<<10)
	for {
		n, err := in.Read(part)
		if err != nil {
			return false
		}
		tail = append(tail, part[:n]...)
		if bytes.Contains(tail, mark) {
			return true
		}
		tail = bytes.Clone(tail[max(0, len(tail)-len(mark)):])
	}
}
