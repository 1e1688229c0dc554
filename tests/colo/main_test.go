// Package colo tests two machines in lock step: whole servers that are killed and cut off, and real QEMU at either end.
package colo

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) { emulator.Main(m) }
