package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// A large machine of which little is in use costs the adopting process only what is in use.
func TestAdoptedMemoryIsSmall(t *testing.T) {
	const machine = "pc-i440fx-10.0"
	large := []string{"-m", "2048"} // comes after the usual size, and counts
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "source", machine, large)
	middle := adopting(t)
	emulator.Must(t, src.WaitBooted(t.Context()))
	emulator.Must(t, src.SetParameters(t.Context(), fast))
	move(t, emulator.Unix(), src, middle)
	dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "destination", machine, large, "-S", "-incoming", "defer")
	emulator.Must(t, middle.SetParameters(t.Context(), fast))
	move(t, emulator.Unix(), middle, dst)

	// What the guest writes, and what the firmware left: well under 4 MiB in all blocks.
	const used = emulator.GuestEnd - emulator.GuestFirst + 4<<20
	_, most, err := middle.ResidentMemory()
	emulator.Must(t, err)
	t.Logf("resident at most %d MiB for %d MiB in use", most>>20, used>>20)
	if most > used+48<<20 {
		t.Errorf("resident at most %d MiB for %d MiB in use", most>>20, used>>20)
	}
	emulator.Must(t, emulator.SameMemory(t.Context(), src, dst, 2<<30))
	goesOn(t, dst)
}
