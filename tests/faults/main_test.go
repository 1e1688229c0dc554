// Package faults lets hostile peers talk to the server, and the same bytes to a real QEMU: sources and destinations
// that lie, ask for what is not there, or say nothing any more.
package faults

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
