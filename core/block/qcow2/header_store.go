package qcow2

import (
	"encoding/binary"
	"slices"
	"syscall"
)

// storeExtensions writes what follows the header anew: the extensions, that of
// the bitmaps as they are now, and the name of the backing file behind them.
func (i *Image) storeExtensions() error {
	list := slices.DeleteFunc(slices.Clone(i.extensions), func(e extension) bool { return e.kind == extensionBitmaps })
	if b := &i.bitmaps; b.number > 0 {
		p := binary.BigEndian.AppendUint32(nil, b.number)
		p = binary.BigEndian.AppendUint32(p, 0)
		p = binary.BigEndian.AppendUint64(p, b.size)
		list = append(list, extension{extensionBitmaps, binary.BigEndian.AppendUint64(p, b.directory)})
	}
	p := make([]byte, i.h.length, i.clusterSize)
	if _, err := i.s.ReadAt(p, 0); err != nil {
		return err
	}
	p = appendExtensions(p, list)
	backing := uint64(0)
	if i.h.backingOffset != 0 {
		backing = uint64(len(p))
		p = append(p, i.backingFile...)
	}
	if int64(len(p)) > i.clusterSize {
		return syscall.ENOSPC
	}
	binary.BigEndian.PutUint64(p[8:], backing)
	if err := i.putHeader(0, p); err != nil {
		return err
	}
	i.extensions, i.h.backingOffset = list, backing
	return nil
}
