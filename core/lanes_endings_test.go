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
	var channels []net.Conn
	for range 3 {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		channels = append(channels, c)
	}
	go io.Copy(io.Discard, channels[0])
	// Nobody reads the first lane until then, so that the second one has enough to carry.
	if _, err := io.CopyN(io.Discard, channels[2], 1<<20); err != nil {
		t.Fatal(err)
	}
	channels[2].Close()
	go io.Copy(io.Discard, channels[1])
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
	cancelledAnyTime(t, newLaned(t, "", false), 11, 32<<20, func() (dst *prover, uri string) {
		dst, uri = newLaned(t, "", true), "unix:"+filepath.Join(t.TempDir(), "mig")
		exit := false
		if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri, ExitOnError: &exit}); err != nil {
			t.Fatal(err)
		}
		return dst, uri
	})
}

// cancelledAnyTime begins so many migrations of src, with a bandwidth with which they take more than a second, and
// cancels them, each a little later than the one before. None can be over before. The one after that arrives.
func cancelledAnyTime(t *testing.T, src *prover, times int, bandwidth uint64, next func() (dst *prover, uri string)) {
	t.Helper()
	for i := range times + 1 {
		dst, uri := next()
		limits := qapi.MigrateSetParameters{MaxBandwidth: &bandwidth, DowntimeLimit: new(uint64(1))}
		if i == times {
			limits = qapi.MigrateSetParameters{MaxBandwidth: new(uint64(0)), DowntimeLimit: new(uint64(100000))}
		}
		src.set(t, limits)
		err := src.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{Capabilities: []qapi.MigrationCapabilityStatus{
			{Capability: qapi.MigrationCapabilityPauseBeforeSwitchover, State: i < times}}})
		if err != nil {
			t.Fatal(err)
		}
		src.send(t, uri)
		if i == times {
			src.reach(t, completed)
			dst.reach(t, completed)
			dst.proven(t)
		} else {
			time.Sleep(time.Duration(i*i) * time.Millisecond) // the moment is what is tried
			if err := src.MigrateCancel(t.Context()); err != nil {
				t.Fatal(err)
			}
			src.over(t, cancelled)
			if err := src.Migration().Wait(t.Context()); err != nil || src.RunState() != qapi.RunStateRunning {
				t.Fatalf("after %d ms the source is %s: %v", i*i, src.RunState(), err)
			}
		}
		dst.Close()
	}
	src.Close()
}
