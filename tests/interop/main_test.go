// Package interop tests qmpmigrate against real QEMU: a guest that runs in one QEMU is moved through
// qmpmigrate into another one, and goes on there. The same flows are run between two QEMUs first, to prove
// that a failure is not the harness's.
package interop

import (
	"fmt"
	"os"
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "qmbin")
	if err == nil {
		var server emulator.Program
		if server, err = emulator.Server(dir); err == nil {
			err = os.Setenv("QMPMIGRATE_BINARY", server.Path)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}
