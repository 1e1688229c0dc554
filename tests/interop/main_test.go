// Package interop tests qmpmigrate against real QEMU: a guest that runs in one QEMU is moved through
// qmpmigrate into another one, and goes on there. The same flows are run between two QEMUs first, to prove
// that a failure is not the harness's.
package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) { emulator.Main(m) }
