package emulator

import (
	"fmt"
	"os"
	"path/filepath"
)

// GuestMemory is the size of the test guest's RAM in bytes; guest-physical memory is RAM from 0 to here.
const GuestMemory = 150 << 20

// diskSize is large enough for a BIOS to make up a geometry for it; on AHCI a single sector does not boot.
const diskSize = 1 << 20

// GuestArgs returns the arguments that make a real QEMU a PC of a versioned machine type, with the test
// guest's disk, which is put into dir, and nothing else but what devices add. Both ends of a migration need
// the same.
func GuestArgs(dir, machine string, devices ...string) ([]string, error) {
	return guestArgs(dir, machine, BootSector(), GuestMemory>>20, devices)
}

// SuspendingGuestArgs is GuestArgs with a guest that suspends itself, see SuspendingBootSector.
func SuspendingGuestArgs(dir, machine string) ([]string, error) {
	return guestArgs(dir, machine, SuspendingBootSector(), GuestMemory>>20, nil)
}

// RandomGuestArgs is GuestArgs with a guest that writes at random, see RandomSector, in memory of so many MiB.
func RandomGuestArgs(dir, machine string, memory int64) ([]string, error) {
	return guestArgs(dir, machine, RandomSector(memory<<20), memory, nil)
}

func guestArgs(dir, machine string, sector []byte, memory int64, devices []string) ([]string, error) {
	image := filepath.Join(dir, "boot.img")
	if _, err := os.Stat(image); err != nil {
		disk := make([]byte, diskSize)
		copy(disk, sector)
		if err := os.WriteFile(image, disk, 0o600); err != nil {
			return nil, err
		}
	}
	args := []string{
		"-accel", "tcg", "-machine", machine, "-m", fmt.Sprint(memory), "-nodefaults",
		// Both ends have the image open at once.
		"-drive", "file=" + image + ",format=raw,if=ide,file.locking=off",
	}
	return append(args, devices...), nil
}
