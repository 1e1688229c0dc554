package qcow2

import (
	"encoding/binary"
	"syscall"
)

// growL1 makes the active L1 table at least n entries long.
func (i *Image) growL1(n int64) error {
	have := int64(len(i.l1))
	if n <= have {
		return nil
	}
	if n > maxL1 {
		return syscall.EFBIG
	}
	n = min(max(n, have+have/2), maxL1)
	// The new table must name nothing that is not in the file.
	if err := i.flush(); err != nil {
		return err
	}
	first, err := i.allocateAll(i.clustersOf(n * 8))
	if err != nil {
		return err
	}
	if err := i.flushCounts(); err != nil {
		return err
	}
	l1 := make([]uint64, n)
	copy(l1, i.l1)
	off := first << i.clusterBits
	if err := i.writeTable(l1, off); err != nil {
		return err
	}
	p := binary.BigEndian.AppendUint32(nil, uint32(n))
	if err := i.putHeader(atL1, binary.BigEndian.AppendUint64(p, uint64(off))); err != nil {
		return err
	}
	old := i.h.l1Offset
	i.l1, i.h.l1Size, i.h.l1Offset = l1, uint32(n), uint64(off)
	if have == 0 {
		return nil
	}
	return i.addCount(int64(old)>>i.clusterBits, i.clustersOf(have*8), -1)
}

// clustersOf is how many clusters n bytes take.
func (i *Image) clustersOf(n int64) int64 { return (n + i.clusterSize - 1) >> i.clusterBits }
