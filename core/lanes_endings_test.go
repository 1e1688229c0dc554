package core

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/qapi"
)

// A lane that breaks ends the migration, and the VM goes on at its source.
func TestBrokenLane(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := filepath.Join(t.TempDir(), "mig")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	src := newLaned(t, "", false)
	uri := "unix:" + path
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i == 2 { // the second lane
			io.CopyN(io.Discard, c, 1<<20)
			c.Close()
			continue
		}
		go io.Copy(io.Discard, c)
	}
	src.reach(t, qapi.MigrationStatusFailed)
	if s := src.RunState(); s != qapi.RunStateRunning {
		t.Errorf("the source is %s", s)
	}
	if got := *src.Migration().Info().ErrorDesc; got != "Unable to write to socket: Broken pipe" {
		t.Error(got)
	}
	src.Close()
	l.Close()
}

// A migration can be cancelled at any moment, and the next one arrives.
func TestLanesCancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	src := newLaned(t, "", false)
	for i := range 12 {
		dst := newLaned(t, "", true)
		uri, exit := "unix:"+filepath.Join(t.TempDir(), "mig"), false
		if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri, ExitOnError: &exit}); err != nil {
			t.Fatal(err)
		}
		slow := uint64(32 << 20) // so that it takes more than a second
		if i == 11 {
			slow = 0
		}
		if err := src.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{MaxBandwidth: &slow,
			DowntimeLimit: new(uint64(1 + 5000*(i/11)))}); err != nil {
			t.Fatal(err)
		}
		if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		if i == 11 {
			src.reach(t, completed)
			dst.reach(t, completed)
			dst.proven(t)
		} else {
			time.Sleep(time.Duration(i*i) * time.Millisecond) // the moment is what is tried
			if err := src.MigrateCancel(t.Context()); err != nil {
				t.Fatal(err)
			}
			if src.Migration().Wait(t.Context()); src.RunState() != qapi.RunStateRunning {
				t.Fatalf("after %d ms the source is %s", i*i, src.RunState())
			}
		}
		dst.Close()
	}
	src.Close()
}
