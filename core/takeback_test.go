package core

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/testdata"
)

// parked is a machine that has adopted what a QEMU sent.
func parked(t *testing.T) *prover {
	captures, err := testdata.Captures()
	if err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(in, captures[0].Data, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &prover{Machine: NewRelay(Config{Incoming: true}, adopt.New())}
	t.Cleanup(func() { p.Close() })
	if err := p.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: new("file:" + in)}); err != nil {
		t.Fatal(err)
	}
	p.reach(t, completed)
	return p
}

// A parked VM that was sent to a place that could not load it, which without a
// return path only its user knows, is had back with cont and can go elsewhere.
func TestParkedVMIsTakenBack(t *testing.T) {
	p := parked(t)
	var sent [2][]byte
	for n := range sent {
		out := filepath.Join(t.TempDir(), "out")
		if err := p.Migrate(t.Context(), &qapi.MigrateArgs{URI: new("file:" + out)}); err != nil {
			t.Fatal(err)
		}
		p.reach(t, completed)
		var err error
		if sent[n], err = os.ReadFile(out); err != nil {
			t.Fatal(err)
		}
		said(t, "migrate", p.Migrate(t.Context(), &qapi.MigrateArgs{URI: new("file:" + out)}),
			"Can't migrate the vm that was paused due to previous migration")
		if err := p.Cont(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := p.RunState(); s != qapi.RunStatePaused {
			t.Errorf("it is %s", s)
		}
	}
	if !bytes.Equal(sent[0], sent[1]) {
		t.Errorf("%d bytes went, and then %d others", len(sent[0]), len(sent[1]))
	}
	said(t, "cont", p.Cont(t.Context()), adopt.ErrCannotRun.Error())
}

// One whose memory followed it has run elsewhere, and is not had back.
func TestParkedVMThatRanIsNotTakenBack(t *testing.T) {
	src, dst := parked(t), &prover{Machine: NewRelay(Config{Incoming: true}, adopt.New())}
	defer dst.Close()
	for _, p := range []*prover{src, dst} {
		p.enable(t, postcopyRAM)
	}
	slow := &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(64 << 10)), DowntimeLimit: new(uint64(1))}
	if err := src.MigrateSetParameters(t.Context(), slow); err != nil {
		t.Fatal(err)
	}
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := src.MigrateStartPostcopy(t.Context()); err != nil {
		t.Fatal(err)
	}
	src.reach(t, completed)
	said(t, "cont", src.Cont(t.Context()), adopt.ErrCannotRun.Error())
	if !src.Migration().Followed() {
		t.Error("it did not go by postcopy")
	}
}
