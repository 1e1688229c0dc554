package qcow2

import (
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"syscall"
	"time"

	"qmpmigrate/core/block"
)

// Snapshots lists those of the image.
func (i *Image) Snapshots() []block.Snapshot {
	list := make([]block.Snapshot, len(i.snapshots))
	for n := range i.snapshots {
		list[n] = i.snapshots[n].info()
	}
	return list
}

// Create makes a snapshot: the active L1 table is copied, and all that it leads
// to is used once more.
func (i *Image) Create(b block.Snapshot) (block.Snapshot, error) {
	if err := i.changeable(); err != nil {
		return b, err
	}
	s, err := i.newSnapshot(b)
	if err != nil {
		return b, err
	}
	if err := i.flush(); err != nil {
		return b, err
	}
	first, err := i.allocateAll(max(i.clustersOf(int64(len(i.l1))*8), 1))
	if err != nil {
		return b, err
	}
	s.l1Offset, s.l1Size = uint64(first<<i.clusterBits), uint32(len(i.l1))
	l1 := slices.Clone(i.l1)
	for n := range l1 {
		l1[n] &^= copied
	}
	if err := i.writeTable(l1, first<<i.clusterBits); err != nil {
		return b, err
	}
	if err := errors.Join(i.addTree(l1, 1), i.markCopied(), i.flush()); err != nil {
		return b, err
	}
	if err := i.storeSnapshots(append(slices.Clone(i.snapshots), s)); err != nil {
		return b, err
	}
	// The VM state is the snapshot's from now on.
	if err := i.dropVMState(); err != nil {
		return b, err
	}
	return s.info(), i.Flush()
}

func (i *Image) changeable() error {
	switch {
	case i.readOnly():
		return syscall.EPERM
	case i.corrupt():
		return syscall.EIO
	case i.external():
		return syscall.ENOTSUP
	}
	return nil
}

// newSnapshot makes an entry of what the user says of it.
func (i *Image) newSnapshot(b block.Snapshot) (snapshot, error) {
	switch {
	case len(i.snapshots) >= maxSnapshots:
		return snapshot{}, syscall.EFBIG
	case i.maxCount() < 2, len(b.Name) > maxSnapshotName, len(b.ID) > maxSnapshotName, b.VMStateSize < 0:
		return snapshot{}, syscall.EINVAL
	}
	var highest uint64
	for n := range i.snapshots {
		if i.snapshots[n].id == b.ID {
			return snapshot{}, syscall.EEXIST
		}
		if id, err := strconv.ParseUint(i.snapshots[n].id, 10, 63); err == nil {
			highest = max(highest, id)
		}
	}
	if b.ID == "" {
		b.ID = strconv.FormatUint(highest+1, 10)
	}
	if b.Date.IsZero() {
		b.Date = time.Now()
	}
	return snapshot{id: b.ID, name: b.Name, sec: uint32(b.Date.Unix()), nsec: uint32(b.Date.Nanosecond()),
		clock: uint64(b.Clock), vmState: uint64(b.VMStateSize), diskSize: uint64(i.Size()), icount: uint64(b.Icount)}, nil
}

// find finds a snapshot by its id, or else by its name.
func (i *Image) find(id string) int {
	if n := slices.IndexFunc(i.snapshots, func(s snapshot) bool { return s.id == id }); n >= 0 {
		return n
	}
	return slices.IndexFunc(i.snapshots, func(s snapshot) bool { return s.name == id })
}

// Apply makes the disk what it was, and VM state what it was then.
func (i *Image) Apply(id string) error {
	if err := i.changeable(); err != nil {
		return err
	}
	n := i.find(id)
	if n < 0 {
		return syscall.ENOENT
	}
	s := &i.snapshots[n]
	if s.diskSize != i.h.size && i.bitmaps.number > 0 {
		return syscall.ENOTSUP // they are as long as the disk
	}
	l1, err := i.snapshotL1(s)
	if err != nil {
		return err
	}
	need := max(int64(len(l1)), int64(min(i.h.sizeToL1(s.diskSize), maxL1+1)))
	if err := errors.Join(i.growL1(need), i.flush()); err != nil {
		return err
	}
	next := make([]uint64, len(i.l1))
	copy(next, l1)
	if err := errors.Join(i.addTree(l1, 1), i.flushCounts(), i.s.Flush()); err != nil {
		return err
	}
	old := i.l1
	i.l1 = next
	i.l1Dirty = span{0, int64(len(next))}
	if err := i.resized(s.diskSize); err != nil {
		return err
	}
	if err := errors.Join(i.flushL1(), i.s.Flush()); err != nil {
		return err
	}
	return errors.Join(i.addTree(old, -1), i.markCopied(), i.Flush())
}

// resized changes the length of the disk.
func (i *Image) resized(size uint64) error {
	if size == i.h.size {
		return nil
	}
	i.h.size = size
	return i.putHeader(atSize, binary.BigEndian.AppendUint64(nil, size))
}

// Delete forgets a snapshot and gives back what only it used.
func (i *Image) Delete(id string) error {
	if err := i.changeable(); err != nil {
		return err
	}
	n := i.find(id)
	if n < 0 {
		return errNoSnapshot
	}
	s := i.snapshots[n]
	l1, err := i.snapshotL1(&s)
	if err != nil {
		return err
	}
	if err := i.flush(); err != nil {
		return err
	}
	rest := slices.Delete(slices.Clone(i.snapshots), n, n+1)
	if err := i.storeSnapshots(rest); err != nil {
		return block.Failed(err, "Failed to remove snapshot from snapshot list")
	}
	err = errors.Join(i.addTree(l1, -1), i.addCount(int64(s.l1Offset)>>i.clusterBits, i.clustersOf(int64(s.l1Size)*8), -1))
	if err != nil {
		return block.Failed(err, "Failed to free the cluster and L1 table")
	}
	if err := errors.Join(i.markCopied(), i.Flush()); err != nil {
		return block.Failed(err, "Failed to update snapshot status in disk")
	}
	return nil
}
