package core

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// A destination that has said that the VM is there runs it: a cancel that comes
// after that word is too late, even where the source has not taken note yet.
func TestCancelAfterTheLastWord(t *testing.T) {
	var src *side
	points := trace.NewSet(func(name trace.Name, _ []trace.Field) {
		if name == trace.MigrationCleanup { // all was heard, nothing is settled
			if err := src.Migration().Cancel(); err != nil {
				t.Error(err)
			}
		}
	})
	if err := points.Switch(string(trace.MigrationCleanup), true); err != nil {
		t.Fatal(err)
	}
	src = newSide(t, 300, Config{Trace: points})
	dst := newSide(t, 300, Config{Incoming: true})
	src.enable(t, returnPath)
	src.send(t, dst.listen(t))
	if s := src.wait(t); s != qapi.MigrationStatusCompleted || src.RunState() != qapi.RunStatePostmigrate {
		t.Errorf("the source is %s, %s", s, src.RunState())
	}
	if s := dst.wait(t); s != qapi.MigrationStatusCompleted || dst.RunState() != qapi.RunStateRunning {
		t.Errorf("the destination is %s, %s", s, dst.RunState())
	}
	const want = "MIGRATION setup, MIGRATION active, STOP, MIGRATION device, MIGRATION cancelling, MIGRATION completed"
	if got := src.events.String(); got != want {
		t.Errorf("source told %s", got)
	}
}

// A source that is cancelled when everything has gone out ends the stream, and
// believes what the destination makes of that.
func TestCancelBeforeTheLastWord(t *testing.T) {
	for name, c := range map[string]struct {
		says   string
		status qapi.MigrationStatus
		state  qapi.RunState
	}{
		"it runs":       {"\x00\x01\x00\x04\x00\x00\x00\x00", qapi.MigrationStatusCompleted, qapi.RunStatePostmigrate},
		"it does not":   {"\x00\x01\x00\x04\x00\x00\x00\x01", qapi.MigrationStatusCancelled, qapi.RunStateRunning},
		"it is no more": {"", qapi.MigrationStatusCancelled, qapi.RunStateRunning},
	} {
		t.Run(name, func(t *testing.T) {
			src := newSide(t, 300, Config{})
			src.enable(t, returnPath)
			uri, _ := recipient(t, func() { _ = src.Migration().Cancel() }, c.says)
			src.send(t, uri)
			if s := src.wait(t); s != c.status || src.RunState() != c.state {
				t.Errorf("%s, %s", s, src.RunState())
			}
		})
	}
}

// recipient takes a stream, calls whole when it is, reads on to the end, and then says something.
func recipient(t *testing.T, whole func(), says string) (uri string, got <-chan []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mig")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan []byte, 1)
	go func() {
		defer close(all)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var stream []byte
		part := make([]byte, 1<<20)
		for !isWhole(stream) {
			n, err := conn.Read(part)
			if stream = append(stream, part[:n]...); err != nil {
				return
			}
		}
		whole()
		_, _ = io.Copy(io.Discard, conn)
		_, _ = io.WriteString(conn, says)
		all <- stream
	}()
	t.Cleanup(func() {
		l.Close()
		for range all {
		}
	})
	return "unix:" + path, all
}

// isWhole finds the description at the end of a stream.
func isWhole(stream []byte) bool {
	at := bytes.LastIndex(stream, []byte(`{"page_size"`))
	return at >= 4 && len(stream)-at >= int(binary.BigEndian.Uint32(stream[at-4:]))
}

// A destination whose source hung up while it loaded keeps the VM and does not
// start it: the source may have gone on with it.
func TestSourceThatHungUp(t *testing.T) {
	src := newSide(t, 30, Config{})
	src.enable(t, returnPath)
	uri, got := recipient(t, func() { _ = src.Migration().Cancel() }, "")
	src.send(t, uri)
	src.wait(t)
	stream := comes(t, got)

	for name, hangsUp := range map[string]bool{"hung up": true, "waits": false} {
		t.Run(name, func(t *testing.T) {
			pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
			defer ours.Close()
			if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<20); err != nil {
				t.Fatal(err)
			}
			if _, err := ours.Write(stream); err != nil {
				t.Fatal(err)
			}
			word, state := "\x00\x01\x00\x04\x00\x00\x00\x00", qapi.RunStateRunning
			if hangsUp {
				word, state = "\x00\x01\x00\x04\x00\x00\x00\x01", qapi.RunStatePaused
				if err := unix.Shutdown(pair[0], unix.SHUT_WR); err != nil {
					t.Fatal(err)
				}
			}
			dst := newSide(t, 30, Config{Incoming: true, Report: func(string) {}})
			err = dst.Migration().Listen(&qapi.MigrateIncomingArgs{URI: new("fd:m")}, links.Files{Named: pipes{"m": theirs}})
			if err != nil {
				t.Fatal(err)
			}
			if s := dst.wait(t); s != qapi.MigrationStatusCompleted || dst.RunState() != state {
				t.Errorf("%s, %s", s, dst.RunState())
			}
			said, err := io.ReadAll(ours)
			if err != nil || !strings.HasSuffix(string(said), word) {
				t.Errorf("the destination said % x, %v", said, err)
			}
		})
	}
}

// Whenever a source is cancelled in its switchover, the VM runs at one place.
func TestCancelAtAnyMoment(t *testing.T) {
	ends := map[qapi.MigrationStatus]int{}
	for range 60 {
		src, dst := newSide(t, 30, Config{}), newSide(t, 30, Config{Incoming: true, Report: func(string) {}})
		src.enable(t, returnPath)
		src.send(t, dst.listen(t))
		src.events.await(t, "MIGRATION device")
		for began, wait := time.Now(), rand.N(2*time.Millisecond); time.Since(began) < wait; {
		}
		_ = src.Migration().Cancel()
		end := src.wait(t)
		ends[end]++
		dst.wait(t)
		here, there := src.RunState() == qapi.RunStateRunning, dst.RunState() == qapi.RunStateRunning
		if here == there || there != (end == qapi.MigrationStatusCompleted) {
			t.Fatalf("%s: the source is %s, the destination %s", end, src.RunState(), dst.RunState())
		}
		// Guests that ran on would leave the next ones less and less time for their last word.
		src.Machine.Close()
		dst.Machine.Close()
	}
	t.Log(ends)
}
