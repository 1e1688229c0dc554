// Package libvirt_test has unmodified libvirts run domains whose emulator is qmpmigrate, and move them.
package libvirt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/interop/libvirt/daemons"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) {
	daemons.Inside()
	status, err := testWithServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func testWithServer(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "qmbin")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	server, err := emulator.Server(dir)
	if err != nil {
		return 1, err
	}
	if server.Path, err = filepath.Abs(server.Path); err != nil {
		return 1, err
	}
	if err := os.Setenv("QMPMIGRATE_BINARY", server.Path); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
