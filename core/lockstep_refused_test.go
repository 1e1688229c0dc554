package core

import (
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
	"qmpmigrate/core/wire/wiretest"
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
	for _, c := range []qapi.MigrationCapability{returnPath, multifd, dirtyBitmaps, postcopyRAM, ignoreShared} {
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

const ignoreShared = qapi.MigrationCapabilityXIgnoreShared

// What a secondary could not keep up with, it refuses before anything of the VM has come.
func TestLockstepRefusedByTheSecondary(t *testing.T) {
	const notYet = " is not supported yet by this build"
	begins := wiretest.Header("test")
	shared := wire.AppendCounted(begins.Then(byte(wire.Subsection)), "configuration/capabilities")
	shared = wire.AppendCounted(append(shared, 0, 0, 0, 1, 0, 0, 0, 1), string(ignoreShared))
	for name, c := range map[string]struct {
		capabilities []qapi.MigrationCapability
		says         script
		want         string
	}{
		"not wanted":  {nil, begins, "ENABLE_COLO command come in migration stream, but x-colo capability is not set"},
		"return path": {[]qapi.MigrationCapability{xcolo}, begins.Command(wire.CmdOpenReturnPath), "x-colo together with return-path" + notYet},
		"postcopy": {[]qapi.MigrationCapability{xcolo, postcopyRAM}, begins.Command(wire.CmdOpenReturnPath).Advise(4096, 4096),
			"COLO does not support postcopy"},
		"shared memory": {[]qapi.MigrationCapability{xcolo, ignoreShared}, shared, "x-colo together with x-ignore-shared" + notYet},
		"bitmaps":       {[]qapi.MigrationCapability{xcolo, dirtyBitmaps}, begins, "x-colo together with dirty-bitmaps" + notYet},
	} {
		t.Run(name, func(t *testing.T) {
			m := newScripted(t, c.capabilities...)
			says(t, strings.TrimPrefix(m.listen(t), "unix:"), c.says.Command(wire.CmdEnableCOLO))
			if err := comes(t, m.failed); !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("lanes", func(t *testing.T) {
		dst, path := waitingForLanes(t)
		dst.enable(t, xcolo)
		for _, b := range [][]byte{wiretest.Header("memtest").Command(wire.CmdEnableCOLO), lane(0), lane(1)} {
			says(t, path, b)
		}
		dst.reach(t, qapi.MigrationStatusFailed)
		if got := *dst.Migration().Info().ErrorDesc; !strings.Contains(got, "x-colo together with multifd"+notYet) {
			t.Error(got)
		}
	})
}
