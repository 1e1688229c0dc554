package main

import "qmpmigrate/core/block"

const (
	sectorSize = 512
	// suspendFlag is where in its boot sector the usual test guest of QEMU's harnesses is told to suspend itself.
	suspendFlag = 0xbe
)

// suspendsItself says whether one of the disks is the boot sector of the usual test guest with its flag set.
func suspendsItself(graph *block.Graph) bool {
	for _, n := range graph.Nodes() {
		if n.Size() != sectorSize {
			continue
		}
		var sector [sectorSize]byte
		if _, err := n.ReadAt(sector[:], 0); err != nil {
			continue // as a guest that cannot be read does not start
		}
		if sector[sectorSize-2] == 0x55 && sector[sectorSize-1] == 0xaa && sector[suspendFlag] == 1 {
			return true
		}
	}
	return false
}
