package qcow2

import (
	"encoding/binary"
	"fmt"
	"syscall"
)

const (
	refTableOffsetMask = ^uint64(1<<9 - 1)
	// maxOffset is how far tables can point.
	maxOffset = 1<<56 - 1
)

// perBlock is for how many clusters a block of the second level counts.
func (i *Image) perBlock() int64 { return i.clusterSize * 8 >> i.h.refcountOrder }

func (i *Image) maxCount() uint64 { return ^uint64(0) >> (64 - 1<<i.h.refcountOrder) }

// block gives the block that counts for a cluster, nil where there is none.
func (i *Image) block(cluster int64) (*table, error) {
	at := cluster / i.perBlock()
	if at >= int64(len(i.refTable)) {
		return nil, nil
	}
	off := i.refTable[at] & refTableOffsetMask
	switch {
	case off == 0:
		return nil, nil
	case off > maxOffset || off&uint64(i.clusterSize-1) != 0:
		return nil, i.damaged(fmt.Sprintf("Refblock offset %#x unaligned (reftable index: %#x)", off, at))
	}
	return i.counts.get(int64(off))
}

// count tells how often a cluster is used.
func (i *Image) count(cluster int64) (uint64, error) {
	b, err := i.block(cluster)
	if err != nil || b == nil {
		return 0, err
	}
	return i.countIn(b.data, cluster%i.perBlock()), nil
}

func (i *Image) countIn(p []byte, at int64) uint64 {
	switch order := i.h.refcountOrder; order {
	case 3:
		return uint64(p[at])
	case 4:
		return uint64(binary.BigEndian.Uint16(p[at*2:]))
	case 5:
		return uint64(binary.BigEndian.Uint32(p[at*4:]))
	case 6:
		return binary.BigEndian.Uint64(p[at*8:])
	default: // less than a byte; the first is in the lowest bits
		bit := at << order
		return uint64(p[bit/8]>>(bit%8)) & i.maxCount()
	}
}

func (i *Image) setCountIn(p []byte, at int64, n uint64) {
	switch order := i.h.refcountOrder; order {
	case 3:
		p[at] = byte(n)
	case 4:
		binary.BigEndian.PutUint16(p[at*2:], uint16(n))
	case 5:
		binary.BigEndian.PutUint32(p[at*4:], uint32(n))
	case 6:
		binary.BigEndian.PutUint64(p[at*8:], n)
	default:
		bit := at << order
		p[bit/8] = p[bit/8]&^byte(i.maxCount()<<(bit%8)) | byte(n<<(bit%8))
	}
}

// addCount changes how often n clusters are used by delta, which is 1 or -1, in
// memory. All must have a block that counts for them.
func (i *Image) addCount(first, n int64, delta int) error {
	for c := first; c < first+n; c++ {
		b, err := i.block(c)
		if err != nil {
			return err
		}
		if b == nil {
			return i.damaged(fmt.Sprintf("cluster %#x is used but not counted", c))
		}
		count := i.countIn(b.data, c%i.perBlock())
		switch {
		case delta > 0 && count == i.maxCount():
			return syscall.EINVAL
		case delta < 0 && count == 0:
			return i.damaged(fmt.Sprintf("cluster %#x is used but its count is 0", c))
		}
		count += uint64(delta)
		i.setCountIn(b.data, c%i.perBlock(), count)
		b.dirty = true
		if count == 0 {
			i.l2.drop(c << i.clusterBits)
			i.hint = min(i.hint, c)
		}
	}
	return nil
}

// damaged marks an image whose tables contradict each other; nothing is written
// to it from then on.
func (i *Image) damaged(what string) error {
	if !i.corrupt() {
		i.options.Warn("qcow2: Marking image as corrupt: " + what + "; further corruption events will be suppressed")
		i.h.incompatible |= incompatibleCorrupt
		if i.h.version >= 3 && !i.readOnly() {
			_ = i.putHeader64(atIncompatible, i.h.incompatible)
		}
	}
	return syscall.EIO
}
