package qcow2

import (
	"errors"
	"syscall"
)

// repair counts all clusters anew, in an image that was not closed in order by
// someone who keeps counts in memory.
func (i *Image) repair() error {
	refs, err := i.references()
	if err != nil {
		return err
	}
	for first := int64(0); first < int64(len(refs)); first += i.perBlock() {
		if err := i.repairBlock(refs, first, min(i.perBlock(), int64(len(refs))-first)); err != nil {
			return err
		}
	}
	i.h.incompatible &^= incompatibleDirty
	return errors.Join(i.markCopied(), i.flush(), i.putHeader64(atIncompatible, i.h.incompatible))
}

// repairBlock sets the counts of n clusters, for which one block counts.
func (i *Image) repairBlock(refs references, first, n int64) error {
	b, err := i.block(first)
	if err != nil {
		return err
	}
	if b == nil {
		place, used := int64(-1), false
		for c := first; c < first+n; c++ {
			used = used || refs[c] != 0
			if refs[c] == 0 && place < 0 {
				place = c
			}
		}
		switch {
		case !used:
			return nil
		case place < 0 && n == i.perBlock() || first/i.perBlock() >= int64(len(i.refTable)):
			return syscall.ENOTSUP
		case place < 0:
			place = first + n
		}
		if err := i.newBlockFor(first, place); err != nil {
			return err
		}
		if place < first+n {
			refs[place] = 1
		}
		if b, err = i.block(first); err != nil {
			return err
		}
	}
	for c := first; c < first+n; c++ {
		if uint64(refs[c]) > i.maxCount() {
			return syscall.EINVAL
		}
		i.setCountIn(b.data, c-first, uint64(refs[c]))
	}
	b.dirty = true
	return nil
}
