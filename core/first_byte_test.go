package core

import (
	"os"
	"testing"

	"qmpmigrate/core/migration/links"
	"qmpmigrate/qapi"
)

// Where nobody connects, the source is there when its first byte is.
func TestFirstByte(t *testing.T) {
	listen := func(t *testing.T) (dst *side, in *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		dst = newSide(t, 30, Config{Incoming: true})
		if err := dst.Migration().Listen(&qapi.MigrateIncomingArgs{URI: new("fd:x")}, links.Files{Named: pipes{"x": r}}); err != nil {
			t.Fatal(err)
		}
		if s := *dst.Migration().Info().Status; s != qapi.MigrationStatusSetup {
			t.Errorf("%s before the first byte", s)
		}
		return dst, w
	}
	t.Run("comes", func(t *testing.T) {
		dst, w := listen(t)
		if _, err := w.WriteString("Q"); err != nil {
			t.Fatal(err)
		}
		dst.events.await(t, "MIGRATION active")
		w.Close()
		if s := dst.wait(t); s != qapi.MigrationStatusFailed {
			t.Error(s)
		}
	})
	t.Run("never comes", func(t *testing.T) {
		dst, w := listen(t)
		w.Close()
		if s := dst.wait(t); s != qapi.MigrationStatusFailed {
			t.Error(s)
		}
	})
	t.Run("is waited for when the machine ends", func(t *testing.T) { listen(t) })
}
