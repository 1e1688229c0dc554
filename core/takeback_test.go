package core

import (
	"bytes"
	"path/filepath"
	"testing"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/testdata"
)

// parked is a machine that has adopted what a QEMU sent.
func parked(t *testing.T) *prover {
	t.Helper()
	captures, err := testdata.Captures()
	if err != nil {
		t.Fatal(err)
	}
	return adopted(t, Config{}, captures[0].Data)
}

// A parked VM that was sent to a place that could not load it, which without a
// return path only its user knows, is had back with cont and can go elsewhere.
func TestParkedVMIsTakenBack(t *testing.T) {
	p := parked(t)
	var sent [2][]byte
	for n := range sent {
		sent[n] = p.sent(t)
		said(t, "migrate", p.Migrate(t.Context(), &qapi.MigrateArgs{URI: new("file:" + filepath.Join(t.TempDir(), "out"))}),
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
	src.begin(t, dst, 0)
	src.reach(t, completed)
	said(t, "cont", src.Cont(t.Context()), adopt.ErrCannotRun.Error())
	if !src.Migration().Followed() {
		t.Error("it did not go by postcopy")
	}
}
