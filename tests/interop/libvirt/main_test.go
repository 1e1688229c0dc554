// Package libvirt_test has unmodified libvirts run domains whose emulator is qmpmigrate, and move them.
package libvirt_test

import (
	"testing"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/interop/libvirt/daemons"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) {
	daemons.Inside()
	emulator.Main(m)
}
