package core

import (
	"testing"

	"qmpmigrate/qapi"
)

const (
	active    = qapi.MigrationStatusActive
	cancelled = qapi.MigrationStatusCancelled
	failed    = qapi.MigrationStatusFailed
)

// nothing lets a migration complete.
func (j *journey) nothing(t *testing.T, src, dst *prover) {
	src.reach(t, completed)
	dst.reach(t, completed)
	j.settle(t, src, dst)
}

func (j *journey) cancel(t *testing.T, src, dst *prover) {
	j.soon()
	if err := src.MigrateCancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	if src.over(t, cancelled, completed) == completed {
		j.nothing(t, src, dst)
		return
	}
	j.settle(t, dst, src)
}

// cut cuts the connection at one of its ends.
func (j *journey) cut(t *testing.T, src, dst *prover) {
	src.reach(t, active)
	dst.reach(t, active)
	j.soon()
	yankMigration(t, []*prover{src, dst}[j.random.IntN(2)].Machine)
	src.reach(t, failed)
	dst.reach(t, failed)
	j.settle(t, dst, src)
}

func (j *journey) closeDestination(t *testing.T, src, dst *prover) {
	j.soon()
	j.settle(t, dst, src)
	src.reach(t, failed)
}

// follow lets the guest go on while its memory follows. A small guest may be
// there before that can begin.
func (j *journey) follow(t *testing.T, src, dst *prover) {
	_ = src.MigrateStartPostcopy(t.Context())
	j.nothing(t, src, dst)
}

// pause cuts the link of postcopy and says whether something was still missing.
func (j *journey) pause(t *testing.T, src, dst *prover) bool {
	t.Helper()
	src.over(t, postcopyActive, completed)
	dst.over(t, postcopyActive, completed)
	j.soon()
	_ = []*prover{src, dst}[j.random.IntN(2)].MigratePause(t.Context()) // refused when all is there
	return dst.over(t, postcopyPaused, completed) == postcopyPaused
}

func (j *journey) recover(t *testing.T, src, dst *prover) {
	if err := src.MigrateStartPostcopy(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 1 + j.random.IntN(2) {
		if !j.pause(t, src, dst) {
			break
		}
		again(t, src, dst, func(path string) string { return path })
	}
	src.over(t, postcopyActive, completed)
	src.fast(t)
	dst.reach(t, completed)
	src.over(t, completed, postcopyPaused) // paused where its last answer was cut off
	j.settle(t, src, dst)
}

// giveUp is the end of the VM: neither side has all of it.
func (j *journey) giveUp(t *testing.T, src, dst *prover) {
	if err := src.MigrateStartPostcopy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !j.pause(t, src, dst) {
		j.settle(t, src, dst)
		return
	}
	src.reach(t, postcopyPaused)
	j.settle(t, dst, src)
	j.settle(t, src, nil)
}
