package sharedmem

import (
	"errors"
	"os"
	"time"

	"qmpmigrate/core/memory/uffd"
)

// faultsAtOnce is how many faults one look takes.
const faultsAtOnce = 64

// each tells the faults that u hears of, by where their pages begin and by thread,
// until tell says false, or leave or Close end it.
func (m *Memory) each(u *uffd.File, tell func(at uint64, thread uint32) bool) {
	var faults [faultsAtOnce]uffd.Fault
	for {
		n, err := u.Faults(faults[:])
		if err != nil {
			return
		}
		for _, f := range faults[:n] {
			at := f.Address - m.Base
			if at < m.length && !tell(at&^(m.page-1), f.Thread) {
				return
			}
		}
	}
}

// leave frees whoever waits for faults that u hears of.
func leave(u *uffd.File) error {
	if err := u.SetReadDeadline(time.Now()); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
