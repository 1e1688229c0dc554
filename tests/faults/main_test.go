// Package faults lets hostile peers talk to the server, and the same bytes to a real QEMU: sources and destinations
// that lie, ask for what is not there, or say nothing any more.
package faults

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMain builds qmpmigrate once for all tests.
func TestMain(m *testing.M) { emulator.Main(m) }
