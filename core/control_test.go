package core

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/qapi"
)

// enable switches capabilities on.
func (s *side) enable(t *testing.T, names ...qapi.MigrationCapability) {
	t.Helper()
	var list []qapi.MigrationCapabilityStatus
	for _, name := range names {
		list = append(list, qapi.MigrationCapabilityStatus{Capability: name, State: true})
	}
	if err := s.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{Capabilities: list}); err != nil {
		t.Fatal(err)
	}
}

// send begins a migration.
func (s *side) send(t *testing.T, uri string) {
	t.Helper()
	if err := s.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
}

// paused is a pair whose source waits for migrate-continue.
func paused(t *testing.T) (src, dst *side) {
	src, dst = newSide(t, 500, Config{}), newSide(t, 500, Config{Incoming: true})
	src.enable(t, qapi.MigrationCapabilityPauseBeforeSwitchover)
	src.send(t, dst.listen(t))
	src.events.await(t, "MIGRATION pre-switchover")
	return src, dst
}

func TestPauseBeforeSwitchover(t *testing.T) {
	src, dst := paused(t)
	if src.RunState() != qapi.RunStateFinishMigrate {
		t.Errorf("source is %s", src.RunState())
	}
	threads, err := src.QueryMigrationthreads(t.Context())
	if err != nil || len(threads) != 1 {
		t.Fatalf("threads %v, %v", threads, err)
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", threads[0].ThreadID))
	if err != nil || string(name) != "mig/src/main\n" || threads[0].Name != "mig/src/main" {
		t.Errorf("thread %+v is called %q, %v", threads[0], name, err)
	}
	for _, s := range []qapi.MigrationStatus{qapi.MigrationStatusActive, qapi.MigrationStatusNone} {
		err := src.MigrateContinue(t.Context(), &qapi.MigrateContinueArgs{State: s})
		if err == nil || err.Error() != "Migration not in expected state: pre-switchover" {
			t.Errorf("continue from %s: %v", s, err)
		}
	}
	if err := src.MigrateContinue(t.Context(), &qapi.MigrateContinueArgs{State: qapi.MigrationStatusPreSwitchover}); err != nil {
		t.Fatal(err)
	}
	if s, d := src.wait(t), dst.wait(t); s != d || s != qapi.MigrationStatusCompleted {
		t.Fatalf("source %s, destination %s", s, d)
	}
	if threads, _ := src.QueryMigrationthreads(t.Context()); len(threads) != 0 {
		t.Errorf("threads that are left: %v", threads)
	}
	if got, want := src.events.String(), "MIGRATION setup, MIGRATION active, STOP, MIGRATION pre-switchover, "+
		"MIGRATION device, MIGRATION completed"; got != want {
		t.Errorf("events %s", got)
	}
}

// The guest goes on between the two events of cancelling, and can be migrated anew.
func TestCancelInThePause(t *testing.T) {
	src, dst := paused(t)
	if err := src.MigrateCancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := src.wait(t); s != qapi.MigrationStatusCancelled || src.RunState() != qapi.RunStateRunning {
		t.Fatalf("%s, VM %s", s, src.RunState())
	}
	if d := dst.wait(t); d != qapi.MigrationStatusFailed || comes(t, dst.failed) == nil {
		t.Errorf("destination %s", d)
	}
	const want = "STOP, MIGRATION pre-switchover, MIGRATION cancelling, RESUME, MIGRATION cancelled"
	if got := src.events.String(); !strings.HasSuffix(got, want) {
		t.Errorf("events %s", got)
	}
	if desc := *src.Migration().Info().ErrorDesc; desc != "Channel error: Input/output error" {
		t.Errorf("error-desc is %s", desc)
	}
	src.events.forget()
	again := newSide(t, 500, Config{Incoming: true})
	src.send(t, again.listen(t))
	src.events.await(t, "MIGRATION pre-switchover")
	if err := src.MigrateContinue(t.Context(), &qapi.MigrateContinueArgs{State: qapi.MigrationStatusPreSwitchover}); err != nil {
		t.Fatal(err)
	}
	if s, d := src.wait(t), again.wait(t); s != d || s != qapi.MigrationStatusCompleted {
		t.Errorf("source %s, destination %s", s, d)
	}
}

func yankMigration(t *testing.T, m *Machine) {
	t.Helper()
	list := []qapi.YankInstance{{Type: qapi.YankInstanceTypeMigration}}
	if err := m.Yank(t.Context(), &qapi.YankArgs{Instances: list}); err != nil {
		t.Fatal(err)
	}
}

// A yank ends every wait of a source; what a connect waits for is one, too.
func TestYankEndsWaits(t *testing.T) {
	src, dst := paused(t)
	yankMigration(t, src.Machine)
	if s := src.wait(t); s != qapi.MigrationStatusFailed || src.RunState() != qapi.RunStateRunning {
		t.Fatalf("%s, VM %s", s, src.RunState())
	}
	if got := src.events.String(); !strings.HasSuffix(got, "STOP, MIGRATION pre-switchover, MIGRATION failed, RESUME") {
		t.Errorf("events %s", got)
	}
	if desc := *src.Migration().Info().ErrorDesc; desc != "Unable to write to socket: Broken pipe" {
		t.Errorf("error-desc is %s", desc)
	}
	dst.wait(t)

	src.send(t, "tcp:"+silence(t))
	yankMigration(t, src.Machine)
	if s := src.wait(t); s != qapi.MigrationStatusFailed {
		t.Fatalf("a connect that was cut off is %s", s)
	}
	if list, err := src.QueryYank(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("instances %v, %v", list, err)
	}
}

// A connect that never ends does not keep the next migration from beginning, nor anything else waiting.
func TestCancelWhileConnecting(t *testing.T) {
	src, dst := newSide(t, 500, Config{}), newSide(t, 500, Config{Incoming: true})
	uri := "tcp:" + silence(t)
	for range 3 {
		src.send(t, uri)
		if err := src.MigrateCancel(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := *src.Migration().Info().Status; s != qapi.MigrationStatusCancelled {
			t.Fatalf("after the cancel it is %s", s)
		}
	}
	src.send(t, dst.listen(t))
	if s, d := src.wait(t), dst.wait(t); s != d || s != qapi.MigrationStatusCompleted {
		t.Fatalf("source %s, destination %s", s, d)
	}
	const once = "MIGRATION setup, MIGRATION cancelling, MIGRATION cancelled, "
	if got := src.events.String(); !strings.HasPrefix(got, once+once+once+"MIGRATION setup, MIGRATION active") {
		t.Errorf("events %s", got)
	}
}

// silence is an address of a host that does not answer: a listener whose queue is full.
func silence(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		t.Cleanup(func() { unix.Close(fd) })
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(fd, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	unanswered := 0
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		cancel()
		if err == nil {
			t.Cleanup(func() { conn.Close() })
			unanswered = 0
		} else if unanswered++; unanswered == 2 { // one may be a matter of a busy machine
			return addr
		}
	}
	t.Fatal("the queue is never full")
	return ""
}
