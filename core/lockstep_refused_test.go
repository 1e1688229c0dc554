package core

import (
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

// What no checkpoint would have keeps a machine from a lock step, at either end.
func TestLockstepRefused(t *testing.T) {
	const disk = "x-colo together with the writable disk drive is not supported yet by this build"
	src, _ := newScribbler(t, Config{})
	src.enable(t, xcolo)
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err == nil || err.Error() != disk {
		t.Errorf("the source: %v", err)
	}
	for _, c := range []qapi.MigrationCapability{returnPath, multifd, dirtyBitmaps, postcopyRAM} {
		plain := newSide(t, 300, Config{})
		plain.enable(t, xcolo, c)
		err := plain.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri})
		if want := "x-colo together with " + string(c) + " is not supported yet by this build"; err == nil || err.Error() != want {
			t.Errorf("with %s: %v", c, err)
		}
	}
	plain := newSide(t, 3000, Config{})
	plain.enable(t, xcolo)
	// One that has sent all before it hears of the end waits to be told who goes on, as in QEMU.
	plain.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(1 << 20))})
	dst, _ := newScribbler(t, Config{Incoming: true})
	dst.enable(t, xcolo)
	plain.send(t, dst.listen(t))
	if got := dst.reaches(t, qapi.MigrationStatusFailed); !strings.Contains(got, disk) {
		t.Errorf("the destination: %s", got)
	}
	if s := plain.wait(t); s != qapi.MigrationStatusFailed || plain.RunState() != qapi.RunStateRunning {
		t.Errorf("the source is %s, its VM %s", s, plain.RunState())
	}
}
