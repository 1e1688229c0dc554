package core

import (
	"bytes"
	"encoding/hex"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

const (
	returnPath    = qapi.MigrationCapabilityReturnPath
	switchoverAck = qapi.MigrationCapabilitySwitchoverAck
)

// pipes are descriptors that a monitor knows by name.
type pipes map[string]*os.File

func (p pipes) TakeFD(name string) (*os.File, error) { return p[name], nil }

// A source that waits for the last word is done only when the VM runs at its
// destination.
func TestAnsweredPair(t *testing.T) {
	for _, way := range []string{"unix", "tcp", "socketpair"} {
		for _, on := range [][]qapi.MigrationCapability{{returnPath}, {returnPath, switchoverAck}} {
			t.Run(way+" "+string(on[len(on)-1]), func(t *testing.T) {
				src, dst := newSide(t, 3000, Config{}), newSide(t, 3000, Config{Incoming: true})
				src.enable(t, on...)
				if len(on) > 1 {
					dst.enable(t, on...)
				}
				switch way {
				case "unix":
					src.send(t, dst.listen(t))
				case "tcp":
					if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: new("tcp:127.0.0.1:0")}); err != nil {
						t.Fatal(err)
					}
					src.send(t, "tcp:127.0.0.1:"+dst.Migration().Info().SocketAddress[0].Inet.Port)
				case "socketpair":
					overSocketpair(t, src, dst)
				}
				src.fits(t)
				if s := src.wait(t); s != qapi.MigrationStatusCompleted {
					t.Fatalf("%s", src.Migration().Info().AppendJSON(nil))
				}
				if state := dst.RunState(); state != qapi.RunStateRunning {
					t.Errorf("the source is done, and the destination is %s", state)
				}
				if s := dst.wait(t); s != qapi.MigrationStatusCompleted {
					t.Fatal(s)
				}
				src.verify(t)
				dst.counter.Stop()
				dst.verify(t)
				const want = "MIGRATION setup, MIGRATION active, STOP, MIGRATION device, MIGRATION completed"
				if got := src.events.String(); got != want {
					t.Errorf("source told %s", got)
				}
			})
		}
	}
}

// A destination that owns less than the source has, in its device part: with a
// return path the source hears of it, its VM goes on, and finds another place.
func TestDeviceThatDoesNotLoad(t *testing.T) {
	src := newSide(t, 300, Config{})
	src.enable(t, returnPath)
	poor := newPoor(t)
	src.send(t, poor.listen(t))
	if s := src.wait(t); s != qapi.MigrationStatusFailed {
		t.Fatal(s)
	}
	if text := *src.Migration().Info().ErrorDesc; text != "Sibling indicated error 1" {
		t.Errorf("the source says %s", text)
	}
	if err := comes(t, poor.failed); !strings.Contains(err.Error(), "counter") {
		t.Errorf("the destination says %v", err)
	}
	if state := src.RunState(); state != qapi.RunStateRunning {
		t.Fatalf("the VM is %s", state)
	}
	dst := newSide(t, 300, Config{Incoming: true})
	src.send(t, dst.listen(t))
	if s := src.wait(t); s != qapi.MigrationStatusCompleted {
		t.Fatal(s)
	}
	dst.wait(t)
	dst.counter.Stop()
	dst.verify(t)
}

// blind is a guest whose machine has no device.
type blind struct{ *counter }

func (blind) Devices() []savevm.Device { return nil }

func newPoor(t *testing.T) *side {
	s := &side{counter: newCounter(t, 300), events: &record{}, failed: make(chan error, 1)}
	s.Machine = New(Config{Incoming: true, Failed: func(err error) { s.failed <- err }}, "test-1.0", guest.Guest(blind{s.counter}))
	t.Cleanup(func() {
		if err := s.Machine.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// destination is a peer that takes everything and says what it wants. It
// closes its end with the test, or once it has spoken.
func destination(t *testing.T, says string, closes bool) (uri string) {
	t.Helper()
	words, err := hex.DecodeString(strings.ReplaceAll(says, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mig")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := conn.Write(words); err == nil && !closes {
			_, _ = io.Copy(io.Discard, conn) // until the source hangs up
		}
	}()
	t.Cleanup(func() { l.Close(); <-over })
	return "unix:" + path
}

// What no destination says fails the migration, and the VM goes on.
func TestHostileAnswers(t *testing.T) {
	const request = "0000000000000000 00001000"
	for name, c := range map[string]struct{ says, want string }{
		"rubbish":          {"5145564d 00000003", "Received invalid message 0x5145 length 0x564d"},
		"no kind":          {"0000 0000", "Received invalid message 0x0000 length 0x0000"},
		"a wrong length":   {"0001 0003 000000", "Received 'SHUT' message (0x0001) withincorrect length 3 expecting 4"},
		"too much":         {"0005 ffff", "Received 'RECV_BITMAP' message (0x0005) withincorrect length 65535 expecting 18446744073709551615"},
		"an error":         {"0002 0004 00000001 0001 0004 00000001", "Sibling indicated error 1"},
		"a request":        {"0004 000c" + request, "Received 'REQ_PAGES' message (0x0004) outside of postcopy"},
		"a named request":  {"0003 000e" + request + "01 78", "Received 'REQ_PAGES_ID' message (0x0003) outside of postcopy"},
		"a bitmap":         {"0005 0002 01 78", "Reload bitmap in incorrect state active\nReload bitmap in incorrect state setup\nReload bitmap in incorrect state device"},
		"a bad resume ack": {"0006 0004 00000002", "illegal resume_ack value 2"},
	} {
		t.Run(name, func(t *testing.T) {
			src := newSide(t, 300, Config{})
			src.enable(t, returnPath)
			src.send(t, destination(t, c.says, false))
			ranOn(t, src, c.want)
		})
	}
	for name, says := range map[string]string{"at once": "", "after a pong": "0002 0004 00000001", "in a header": "0002 00"} {
		t.Run("closes "+name, func(t *testing.T) {
			src := newSide(t, 300, Config{})
			src.enable(t, returnPath)
			src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(1000))})
			src.send(t, destination(t, says, true))
			ranOn(t, src, "Channel error: Input/output error", "Unable to read from socket: Connection reset by peer")
		})
	}
	t.Run("closes in a message", func(t *testing.T) {
		src := newSide(t, 300, Config{})
		src.enable(t, returnPath)
		src.send(t, destination(t, "0002 0004 0000", true))
		ranOn(t, src, "Failed reading data for message 0x0002 read 2 expected 4")
	})
}

// ranOn sees a migration fail for one of the reasons, and its VM go on.
func ranOn(t *testing.T, src *side, want ...string) {
	t.Helper()
	status, info := src.wait(t), src.Migration().Info()
	if status != qapi.MigrationStatusFailed || info.ErrorDesc == nil || !strings.Contains(strings.Join(want, "\n"), *info.ErrorDesc) {
		t.Errorf("%s, want %q", info.AppendJSON(nil), want)
	}
	if state := src.RunState(); state != qapi.RunStateRunning {
		t.Errorf("the VM is %s", state)
	}
}

// A destination that never answers keeps the source waiting, and every wait
// can be ended.
func TestSilentDestination(t *testing.T) {
	for _, c := range []struct {
		name, until string
		on          []qapi.MigrationCapability
	}{
		{"last word", "MIGRATION device", []qapi.MigrationCapability{returnPath}},
		{"ack", "MIGRATION active", []qapi.MigrationCapability{returnPath, switchoverAck}},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := newSide(t, 300, Config{})
			src.enable(t, c.on...)
			src.send(t, destination(t, "0002 0004 00000001", false))
			src.events.await(t, c.until)
			if err := src.Migration().Cancel(); err != nil {
				t.Fatal(err)
			}
			if s := src.wait(t); s != qapi.MigrationStatusCancelled || src.RunState() != qapi.RunStateRunning {
				t.Errorf("%s, the VM is %s", s, src.RunState())
			}
			src.events.forget()
			src.send(t, destination(t, "", false))
			src.events.await(t, c.until)
			instances := []qapi.YankInstance{{Type: qapi.YankInstanceTypeMigration}}
			if err := src.Yank(t.Context(), &qapi.YankArgs{Instances: instances}); err != nil {
				t.Fatal(err)
			}
			ranOn(t, src, "Channel error: Input/output error", "Unable to write to socket: Broken pipe")
		})
	}
}

// Without a way back the last word never comes. The stream has all the same
// what a real QEMU 10.0 writes between the configuration and the setup.
func TestOneWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stream")
	const stopped = "MIGRATION setup, MIGRATION active, STOP, MIGRATION device, MIGRATION failed, RESUME"
	for _, c := range []struct {
		uri, want, events string
		on                []qapi.MigrationCapability
	}{
		{"exec:cat > /dev/null", "Unable to read from command: Bad file descriptor", stopped, []qapi.MigrationCapability{returnPath}},
		{"file:" + file, "Unable to read from file: Bad file descriptor", stopped, []qapi.MigrationCapability{returnPath}},
		{"file:/dev/null", "Unable to read from file: Bad file descriptor", "MIGRATION setup, MIGRATION active, MIGRATION failed",
			[]qapi.MigrationCapability{returnPath, switchoverAck}},
	} {
		src := newSide(t, 300, Config{})
		src.enable(t, c.on...)
		src.set(t, qapi.MigrateSetParameters{DowntimeLimit: new(uint64(60000))})
		src.send(t, c.uri)
		ranOn(t, src, c.want)
		if got := src.events.String(); got != c.events {
			t.Errorf("%s: told %s", c.uri, got)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = "test-1.0" + "\x08\x00\x01\x00\x00" + "\x08\x00\x02\x00\x04\x00\x00\x00\x01" + "\x01\x00\x00\x00\x01\x03ram"
	if !bytes.Contains(data, []byte(want)) {
		t.Errorf("the stream begins % x", data[:min(len(data), 80)])
	}
}

// Sources that ended in every way leave no descriptor behind; goleak looks
// after their goroutines.
func TestEndsLeaveNoDescriptor(t *testing.T) {
	src := newSide(t, 30, Config{})
	src.enable(t, returnPath)
	before := descriptors(t)
	for range 5 {
		for _, says := range []string{"0001 0004 00000001", "0000 0000", "0002 00"} {
			t.Run(says, func(t *testing.T) {
				src.send(t, destination(t, says, says == "0002 00"))
				if s := src.wait(t); s != qapi.MigrationStatusFailed {
					t.Error(s)
				}
			})
		}
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors became %d", before, after)
	}
}

// descriptors is how many this process has.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func overSocketpair(t *testing.T, src, dst *side) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	files := func(i int) pipes { return pipes{"m": os.NewFile(uintptr(pair[i]), "pair")} }
	if err := dst.Migration().Listen(&qapi.MigrateIncomingArgs{URI: new("fd:m")}, links.Files{Named: files(0)}); err != nil {
		t.Fatal(err)
	}
	if err := src.Migration().Start(&qapi.MigrateArgs{URI: new("fd:m")}, links.Files{Named: files(1)}); err != nil {
		t.Fatal(err)
	}
}
