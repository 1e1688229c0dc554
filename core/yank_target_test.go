package core

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// call connects to a destination, and says something.
func call(t *testing.T, uri string, says []byte) {
	t.Helper()
	conn, err := net.Dial("unix", strings.TrimPrefix(uri, "unix:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write(says); err != nil {
		t.Fatal(err)
	}
}

// A destination whose source hangs is freed by a yank, and says why.
func TestYankFreesATarget(t *testing.T) {
	for _, c := range []struct {
		name string
		says []byte
	}{
		{"silent", nil},
		{"a header", wire.AppendHeader(nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst := newSide(t, 300, Config{Incoming: true})
			call(t, dst.listen(t), c.says)
			dst.reaches(t, qapi.MigrationStatusActive)
			if got := instances(t, dst.Machine); got != "migration" {
				t.Errorf("while it waits: %q", got)
			}
			yankMigration(t, dst.Machine)
			if got := dst.reaches(t, qapi.MigrationStatusFailed); !strings.HasPrefix(got, "load of migration failed: header, at offset ") {
				t.Errorf("failed because of %q", got)
			}
			if err := comes(t, dst.failed); err == nil {
				t.Error("nobody was told")
			}
			dst.wait(t)
			if got := instances(t, dst.Machine); got != "" {
				t.Errorf("afterwards: %q", got)
			}
		})
	}
}

// A main channel whose lanes do not come holds its destination up no longer than its user wants.
func TestYankBeforeTheLanes(t *testing.T) {
	dst := newLaned(t, "", true)
	uri, exit := "unix:"+filepath.Join(t.TempDir(), "mig"), false
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri, ExitOnError: &exit}); err != nil {
		t.Fatal(err)
	}
	yankMigration(t, dst.Machine) // nobody is there
	if s := *dst.Migration().Info().Status; s != qapi.MigrationStatusSetup {
		t.Errorf("listening, yanked, and %s", s)
	}
	call(t, uri, wire.AppendHeader(nil))
	// When the channel has been told apart nobody can see.
	await(t, dst.Machine, "failed", func(i *qapi.MigrationInfo) bool {
		failed := *i.Status == qapi.MigrationStatusFailed
		if !failed && strings.Contains(instances(t, dst.Machine), "migration") {
			_ = dst.Yank(t.Context(), &qapi.YankArgs{Instances: []qapi.YankInstance{{Type: qapi.YankInstanceTypeMigration}}})
		}
		return failed
	})
}

// A destination that has its VM keeps it: a yank pauses it, also while its source comes back.
func TestYankPausesATarget(t *testing.T) {
	src, dst := newSide(t, 300, Config{}), newSide(t, 300, Config{Incoming: true})
	dst.enable(t, postcopyRAM)
	src.set(t, qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(5000))})
	src.follow(t, dst.listen(t))
	dst.reaches(t, postcopyActive)
	yankMigration(t, dst.Machine)
	dst.reaches(t, postcopyPaused)
	src.reaches(t, postcopyPaused)
	yankMigration(t, dst.Machine) // there is nothing to cut
	uri := "unix:" + filepath.Join(t.TempDir(), "again")
	if err := dst.MigrateRecover(t.Context(), &qapi.MigrateRecoverArgs{URI: uri}); err != nil {
		t.Fatal(err)
	}
	call(t, uri, nil)
	dst.reaches(t, qapi.MigrationStatusPostcopyRecover)
	if got := instances(t, dst.Machine); got != "migration" {
		t.Errorf("while it waits: %q", got)
	}
	yankMigration(t, dst.Machine)
	dst.reaches(t, postcopyPaused)
}
