package core

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/qapi"
)

func TestMain(m *testing.M) {
	memtest.BecomeVCPUs()
	goleak.VerifyTestMain(m)
}

// counter is the smallest guest that can prove that it moved: its vCPU writes
// an ever growing number to every page.
type counter struct {
	block *memory.Block
	next  uint64
	stop  chan struct{}
	done  sync.WaitGroup
	pace  time.Duration
}

func newCounter(t *testing.T, pages uint64) *counter {
	b, err := memory.New("counter.ram", pages*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{block: b, pace: time.Microsecond}
	for range pages {
		c.write()
	}
	return c
}

func (c *counter) Blocks() []*memory.Block { return []*memory.Block{c.block} }

func (c *counter) Devices() []savevm.Device {
	return []savevm.Device{{IDStr: "counter", State: &vmstate.Description{
		Name: "counter", Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{vmstate.Uint64("next", &c.next)},
	}}}
}

func (c *counter) Start() error {
	c.stop = make(chan struct{})
	c.done.Go(func() {
		for {
			select {
			case <-c.stop:
				return
			default:
			}
			if c.write(); c.next%64 == 0 {
				time.Sleep(c.pace)
			}
		}
	})
	return nil
}

func (c *counter) write() {
	page := c.next % c.block.Pages()
	c.next++
	binary.LittleEndian.PutUint64(c.block.Page(page), c.next)
	c.block.MarkWritten(page)
}

func (c *counter) Stop() {
	if c.stop != nil {
		close(c.stop)
		c.done.Wait()
		c.stop = nil
	}
}

func (c *counter) Close() error { c.Stop(); return c.block.Close() }

// verify says whether memory is what the position says.
func (c *counter) verify(t *testing.T) {
	t.Helper()
	n := c.block.Pages()
	for p := range n {
		want := uint64(0)
		if c.next > p {
			want = (c.next-1-p)/n*n + p + 1
		}
		if got := binary.LittleEndian.Uint64(c.block.Page(p)); got != want {
			t.Fatalf("page %d holds %d, want %d (next %d)", p, got, want, c.next)
		}
	}
}

// side is one machine of a pair.
type side struct {
	*Machine
	*counter
	events *record
	failed chan error
}

func newSide(t *testing.T, pages uint64, conf Config) *side {
	s := &side{counter: newCounter(t, pages), events: &record{}, failed: make(chan error, 1)}
	conf.Events = s.events
	conf.Failed = func(err error) { s.failed <- err }
	s.Machine = New(conf, "test-1.0", guest.Guest(s.counter))
	t.Cleanup(func() {
		if err := s.Machine.Close(); err != nil {
			t.Error(err)
		}
	})
	err := s.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{
		Capabilities: []qapi.MigrationCapabilityStatus{{Capability: qapi.MigrationCapabilityEvents, State: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Launch(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *side) listen(t *testing.T) string {
	t.Helper()
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := s.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	return uri
}

func (s *side) wait(t *testing.T) qapi.MigrationStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Migration().Wait(ctx); err != nil {
		t.Fatal(err)
	}
	return *s.Migration().Info().Status
}

// fits lets a migration end, however slow its link is.
func (s *side) fits(t *testing.T) {
	t.Helper()
	(&prover{Machine: s.Machine}).fits(t)
}

func (s *side) set(t *testing.T, p qapi.MigrateSetParameters) {
	t.Helper()
	if err := s.MigrateSetParameters(t.Context(), &p); err != nil {
		t.Fatal(err)
	}
}

func TestLivePair(t *testing.T) {
	src, dst := newSide(t, 3000, Config{}), newSide(t, 3000, Config{Incoming: true})
	src.send(t, dst.listen(t))
	src.fits(t)
	if s, d := src.wait(t), dst.wait(t); s != qapi.MigrationStatusCompleted || d != s {
		t.Fatalf("source %s, destination %s: %s", s, d, dst.Migration().Info().AppendJSON(nil))
	}
	if src.RunState() != qapi.RunStatePostmigrate || dst.RunState() != qapi.RunStateRunning {
		t.Errorf("source %s, destination %s", src.RunState(), dst.RunState())
	}
	src.verify(t)
	dst.counter.Stop()
	dst.verify(t)
	if dst.next < src.next {
		t.Errorf("the guest went back from %d to %d", src.next, dst.next)
	}
	const (
		wantSrc = "MIGRATION setup, MIGRATION active, STOP, MIGRATION device, MIGRATION completed"
		wantDst = "MIGRATION setup, MIGRATION active, RESUME, MIGRATION completed"
	)
	if src.events.String() != wantSrc || dst.events.String() != wantDst {
		t.Errorf("events of the source: %s\nof the destination: %s", src.events, dst.events)
	}
}

// A guest that was stopped stays so, and needs no start to be told.
func TestStoppedGuestStaysStopped(t *testing.T) {
	src, dst := newSide(t, 100, Config{}), newSide(t, 100, Config{Incoming: true})
	src.Machine.Stop(t.Context())
	uri := dst.listen(t)
	src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri})
	src.wait(t)
	dst.wait(t)
	if dst.RunState() != qapi.RunStatePaused {
		t.Errorf("destination is %s", dst.RunState())
	}
	if err := dst.Cont(t.Context()); err != nil || dst.RunState() != qapi.RunStateRunning {
		t.Errorf("cont: %v, %s", err, dst.RunState())
	}
}

// A guest that writes faster than the limit allows never fits; cancelling costs it nothing.
func TestCancelAndTryAgain(t *testing.T) {
	src, dst := newSide(t, 5000, Config{}), newSide(t, 5000, Config{Incoming: true})
	src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(4 << 20)), DowntimeLimit: new(uint64(1))})
	uri := "exec:cat >/dev/null"
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	awaitPages(t, src.Machine, 500)
	src.MigrateCancel(t.Context())
	if s := src.wait(t); s != qapi.MigrationStatusCancelled || src.RunState() != qapi.RunStateRunning {
		t.Fatalf("%s, VM %s", s, src.RunState())
	}
	src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(0)), DowntimeLimit: new(uint64(100000))})
	uri = dst.listen(t)
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if s, d := src.wait(t), dst.wait(t); s != d || s != qapi.MigrationStatusCompleted {
		t.Fatalf("source %s, destination %s", s, d)
	}
	dst.counter.Stop()
	dst.verify(t)
}

// Whatever the destination does, the source goes on.
func TestSourceSurvivesItsPeer(t *testing.T) {
	for name, uri := range map[string]string{
		"nobody listens":   "unix:" + filepath.Join(t.TempDir(), "none"),
		"command ends":     "exec:head -c 1000 >/dev/null",
		"command fails":    "exec:cat >/dev/null; exit 3",
		"no such folder":   "file:" + filepath.Join(t.TempDir(), "a", "b"),
		"descriptor is no": "fd:77777",
	} {
		t.Run(name, func(t *testing.T) {
			src := newSide(t, 2000, Config{})
			if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err == nil {
				if s := src.wait(t); s != qapi.MigrationStatusFailed {
					t.Errorf("status %s", s)
				}
				if src.Migration().Info().ErrorDesc == nil {
					t.Error("no reason is given")
				}
			}
			if src.RunState() != qapi.RunStateRunning {
				t.Errorf("the VM is %s", src.RunState())
			}
		})
	}
}

// Any truncation of a stream is an error that names the place, and no damage.
func TestTruncatedStreams(t *testing.T) {
	src := newSide(t, 2, Config{Paused: true})
	file := filepath.Join(t.TempDir(), "stream")
	uri := "file:" + file
	src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri})
	if s := src.wait(t); s != qapi.MigrationStatusCompleted {
		t.Fatal(s)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := os.WriteFile(file, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		dst := newSide(t, 2, Config{Incoming: true})
		dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri})
		if s := dst.wait(t); s != qapi.MigrationStatusFailed {
			t.Fatalf("cut at %d: %s", n, s)
		}
		var at *savevm.LoadError
		if err := comes(t, dst.failed); !errors.As(err, &at) || at.Section == "" || at.Offset > int64(n) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if !bytes.Contains(whole, []byte("globalstate")) {
		t.Error("the stream has no global state")
	}
}
