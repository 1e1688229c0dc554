// Package clients runs clients that are not ours against the server, and holds its answers to raw bytes against those
// of a real QEMU.
package clients

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) { emulator.Main(m) }
