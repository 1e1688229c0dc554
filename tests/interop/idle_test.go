package interop

import (
	"slices"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// A server costs little while nobody asks anything of it, compared with QEMU. How soon it is there is for the
// benchmark to say.
func TestIdleServer(t *testing.T) {
	qemu, server := emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)
	const rounds = 5
	var started [2][]time.Duration
	var resident [2]int64
	for range rounds {
		for i, e := range []*emulator.Emulator{
			emulator.LaunchGuest(t, qemu, "QEMU", "pc-i440fx-10.0", nil, "-S"),
			emulator.Launch(t, server, "server", "-machine", "memtest", "-m", "150", "-nodefaults", "-S"),
		} {
			now, _, err := e.ResidentMemory()
			emulator.Must(t, err)
			resident[i] = max(resident[i], now)
			started[i] = append(started[i], e.StartTime)
			emulator.Must(t, e.Stop())
		}
	}
	slices.Sort(started[0])
	slices.Sort(started[1])
	theirs, ours := started[0][rounds/2], started[1][rounds/2]
	t.Logf("start to greeting: QEMU %v, ours %v; resident: QEMU %d KiB, ours %d KiB",
		theirs, ours, resident[0]>>10, resident[1]>>10)
	if resident[1] > resident[0]/2 {
		t.Errorf("idle server has %d KiB resident, QEMU %d KiB", resident[1]>>10, resident[0]>>10)
	}
}
