// Package colo tests two machines in lock step: whole servers that are killed and cut off, and real QEMU at either end.
package colo

import (
	"fmt"
	"os"
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) {
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
	if err := os.Setenv("QMPMIGRATE_BINARY", server.Path); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
