package emulator

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The boot sector must do under real QEMU what its comment says.
func TestGuestRuns(t *testing.T) {
	for _, tc := range []struct{ version, machine string }{
		{"7.2", "pc-i440fx-7.2"}, {"10.0", "pc-q35-10.0"},
	} {
		t.Run(tc.version, func(t *testing.T) {
			e := LaunchGuest(t, NeedQEMU(t, tc.version), "guest", tc.machine, nil)
			Must(t, e.WaitBooted(t.Context()))
			Must(t, e.WaitSerial(t.Context(), "B", 2))
			Must(t, e.Execute(t.Context(), "stop", nil, nil))
			if text := e.Serial(); strings.Trim(text, "B") != "A" || text[0] != 'A' {
				t.Errorf("serial output is %q", text)
			}
			path, err := e.SaveMemory(t.Context(), GuestMemory)
			Must(t, err)
			memory, err := os.ReadFile(path)
			Must(t, err)
			checkGuestMemory(t, memory)
		})
	}
}

// The same guest, started by firmware of its own, obeys the power button.
func TestFirmwareRuns(t *testing.T) {
	image := filepath.Join(t.TempDir(), "firmware")
	Must(t, os.WriteFile(image, Firmware(), 0o600))
	e := Launch(t, NeedQEMU(t, "10.0"), "guest", "-accel", "tcg", "-machine", "pc", "-m", "128", "-nodefaults", "-bios", image)
	Must(t, e.WaitBooted(t.Context()))
	Must(t, e.Execute(t.Context(), "stop", nil, nil))
	Must(t, CountersInStep(t.Context(), e))
	Must(t, e.Execute(t.Context(), "cont", nil, nil))
	Must(t, e.Execute(t.Context(), "system_powerdown", nil, nil))
	exit, err := e.Wait(t.Context())
	Must(t, err)
	if exit.Status != 0 {
		t.Errorf("the power button ended it with %s", exit.Process)
	}
}

// The guest that writes at random fills its memory, writes everywhere in it and prints.
func TestRandomGuestRuns(t *testing.T) {
	const memory = 64
	args, err := RandomGuestArgs(t.TempDir(), "pc-i440fx-10.0", memory)
	Must(t, err)
	e := Launch(t, NeedQEMU(t, "10.0"), "guest", args...)
	Must(t, e.WaitBooted(t.Context()))
	Must(t, e.WaitSerial(t.Context(), "B", 3000)) // 12 writes a page
	Must(t, e.Execute(t.Context(), "stop", nil, nil))
	all, err := e.ReadMemory(t.Context(), 0, memory<<20)
	Must(t, err)
	for at := randomFirst; at < memory<<20; at += GuestStride {
		if all[at] == 0 || binary.LittleEndian.Uint32(all[at+8:]) != uint32(at) {
			t.Fatalf("page at %#x begins with %x", at, all[at:at+16])
		}
	}
	count := binary.LittleEndian.Uint32(all[randomCount:])
	times := all[randomTimes:randomFirst]
	for i := range uint32(randomSlots) {
		if ticks := binary.LittleEndian.Uint32(times[4*i:]); (ticks >= randomSlow) != (i < count) {
			t.Fatalf("of %d slow writes number %d took %d ticks", count, i, ticks)
		}
	}
}

// checkGuestMemory looks at a stopped guest's memory: it counts in byte 0 of each page, in ascending order, and no page
// is zero.
func checkGuestMemory(t *testing.T, memory []byte) {
	t.Helper()
	steps := 0
	for at := GuestFirst; at < GuestEnd; at += GuestStride {
		if at > GuestFirst && memory[at] != memory[at-GuestStride] {
			steps++
			if memory[at] != memory[at-GuestStride]-1 {
				t.Fatalf("byte at %#x is %d after %d", at, memory[at], memory[at-GuestStride])
			}
		}
		if mark := binary.LittleEndian.Uint32(memory[at+GuestMark:]); mark != uint32(at) {
			t.Fatalf("page at %#x is marked with %#x", at, mark)
		}
		clear(memory[at+GuestMark : at+GuestMark+4])
		if rest := memory[at+1 : at+GuestStride]; at > 8<<20 && !bytes.Equal(rest, make([]byte, len(rest))) {
			t.Fatalf("page at %#x has other bytes", at)
		}
	}
	if steps > 1 {
		t.Errorf("counters step down %d times", steps)
	}
	if bytes.Count(memory[GuestEnd:GuestEnd+16<<20], []byte{0}) != 16<<20 {
		t.Errorf("guest wrote beyond %#x", GuestEnd)
	}
}

func TestMissingQEMU(t *testing.T) {
	t.Setenv("QMPMIGRATE_QEMU_DIR", t.TempDir())
	if _, err := QEMU("7.2"); err == nil || !strings.Contains(err.Error(), "install.sh") {
		t.Errorf("error is %v", err)
	}
}
