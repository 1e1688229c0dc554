package memtest

import (
	"encoding/binary"

	"qmpmigrate/core/memory"
)

// SuspendedAt is the guest-physical address of the word that says that the
// guest has slept.
const SuspendedAt = 1<<20 + 4

// doze makes the guest fall asleep where it is time to. What it printed is on
// its way then, so this visit will not be made: a guest that sleeps starts anew.
func (w *sweeper) doze() bool {
	if !w.suspend {
		return false
	}
	word := w.ram.Bytes()[SuspendedAt : SuspendedAt+4]
	if binary.LittleEndian.Uint32(word) == 1 {
		return false
	}
	binary.LittleEndian.PutUint32(word, 1)
	w.ram.MarkWritten(SuspendedAt / memory.PageSize)
	w.power.asleep.Store(true)
	return true
}

// sleep tells the machine once all that the guest printed is out.
func (w *sweeper) sleep() {
	if !w.told && w.serial.empty() {
		w.told = true
		w.power.suspend()
	}
}
