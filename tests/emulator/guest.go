package emulator

import (
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
	image := filepath.Join(dir, "boot.img")
	if _, err := os.Stat(image); err != nil {
		disk := append(BootSector(), make([]byte, diskSize-bootSize)...)
		if err := os.WriteFile(image, disk, 0o600); err != nil {
			return nil, err
		}
	}
	args := []string{
		"-accel", "tcg", "-machine", machine, "-m", "150", "-nodefaults",
		// Both ends have the image open at once.
		"-drive", "file=" + image + ",format=raw,if=ide,file.locking=off",
	}
	return append(args, devices...), nil
}
