package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"qmpmigrate/core/block"
)

const (
	// snapshotFixed is how long the part of an entry is that all have.
	snapshotFixed = 40
	// snapshotExtra is the extra data that is known here.
	snapshotExtra = 24
)

// snapshot is an entry of the table.
type snapshot struct {
	l1Offset uint64
	l1Size   uint32
	id, name string
	sec      uint32
	nsec     uint32
	clock    uint64 // nanoseconds
	vmState  uint64 // bytes
	diskSize uint64
	icount   uint64
	unknown  []byte // further extra data
	// bytes is how long the entry is in the file, without what fills it up.
	bytes int64
}

func (s *snapshot) info() block.Snapshot {
	return block.Snapshot{ID: s.id, Name: s.name, Date: time.Unix(int64(s.sec), int64(s.nsec)), Clock: time.Duration(s.clock),
		VMStateSize: int64(s.vmState), DiskSize: int64(s.diskSize), Icount: int64(s.icount)}
}

// appendSnapshot encodes an entry, which begins at a multiple of 8.
func appendSnapshot(p []byte, s *snapshot) []byte {
	be := binary.BigEndian
	p = be.AppendUint64(p, s.l1Offset)
	p = be.AppendUint32(p, s.l1Size)
	p = be.AppendUint16(p, uint16(len(s.id)))
	p = be.AppendUint16(p, uint16(len(s.name)))
	p = be.AppendUint32(p, s.sec)
	p = be.AppendUint32(p, s.nsec)
	p = be.AppendUint64(p, s.clock)
	short := uint32(s.vmState)
	if s.vmState > 1<<32-1 {
		short = 0
	}
	p = be.AppendUint32(p, short)
	p = be.AppendUint32(p, uint32(snapshotExtra+len(s.unknown)))
	p = be.AppendUint64(p, s.vmState)
	p = be.AppendUint64(p, s.diskSize)
	p = be.AppendUint64(p, s.icount)
	p = append(p, s.unknown...)
	p = append(p, s.id...)
	p = append(p, s.name...)
	for len(p)%8 != 0 {
		p = append(p, 0)
	}
	return p
}

// parseSnapshot decodes an entry from the fixed part and a way to read what follows.
func parseSnapshot(fixed []byte, number int, diskSize uint64, next func(n int) ([]byte, error)) (s snapshot, err error) {
	be := binary.BigEndian
	s = snapshot{l1Offset: be.Uint64(fixed), l1Size: be.Uint32(fixed[8:]), sec: be.Uint32(fixed[16:]), nsec: be.Uint32(fixed[20:]),
		clock: be.Uint64(fixed[24:]), vmState: uint64(be.Uint32(fixed[32:])), diskSize: diskSize, icount: ^uint64(0)}
	idLength, nameLength, extraLength := int(be.Uint16(fixed[12:])), int(be.Uint16(fixed[14:])), be.Uint32(fixed[36:])
	if extraLength > maxSnapshotExtra {
		return s, fmt.Errorf("Too much extra metadata in snapshot table entry %d", number)
	}
	p, err := next(int(extraLength) + idLength + nameLength)
	if err != nil {
		return s, err
	}
	extra := p[:extraLength]
	if len(extra) >= 8 {
		s.vmState = be.Uint64(extra)
	}
	if len(extra) >= 16 {
		s.diskSize = be.Uint64(extra[8:])
	}
	if len(extra) >= 24 {
		s.icount = be.Uint64(extra[16:])
		s.unknown = slices.Clone(extra[24:])
	}
	s.bytes = snapshotFixed + int64(len(p))
	s.id, s.name = string(p[extraLength:int(extraLength)+idLength]), string(p[int(extraLength)+idLength:])
	return s, nil
}

// loadSnapshots reads the table.
func (i *Image) loadSnapshots() ([]snapshot, error) {
	var list []snapshot
	start := int64(i.h.snapshotsOffset)
	off := start
	read := func(n int) ([]byte, error) {
		if off+int64(n)-start > maxSnapshotTable {
			return nil, errors.New("Snapshot table is too big")
		}
		if off > i.s.Size() {
			return nil, errors.New("Failed to read snapshot table: Input/output error")
		}
		p := make([]byte, n)
		if _, err := i.s.ReadAt(p, off); err != nil {
			return nil, block.Failed(err, "Failed to read snapshot table")
		}
		off += int64(n)
		return p, nil
	}
	for n := range int(i.h.snapshots) {
		off = (off + 7) &^ 7
		fixed, err := read(snapshotFixed)
		if err != nil {
			return nil, err
		}
		s, err := parseSnapshot(fixed, n, i.h.size, read)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// storeSnapshots writes the table anew, and then lets the header name it.
func (i *Image) storeSnapshots(list []snapshot) error {
	var p []byte
	for n := range list {
		list[n].bytes = snapshotFixed + snapshotExtra + int64(len(list[n].unknown)+len(list[n].id)+len(list[n].name))
		p = appendSnapshot(p, &list[n])
	}
	if len(p) > maxSnapshotTable {
		return errors.New("Snapshot table is too big")
	}
	var off int64
	if len(p) > 0 {
		first, err := i.allocateAll(i.clustersOf(int64(len(p))))
		if err != nil {
			return err
		}
		if err := i.flushCounts(); err != nil {
			return err
		}
		off = first << i.clusterBits
		if _, err := i.s.WriteAt(p, off); err != nil {
			return err
		}
	}
	h := binary.BigEndian.AppendUint32(nil, uint32(len(list)))
	if err := i.putHeader(atSnapshots, binary.BigEndian.AppendUint64(h, uint64(off))); err != nil {
		return err
	}
	old, oldBytes := i.h.snapshotsOffset, int64(0)
	for n := range i.snapshots {
		oldBytes = (oldBytes+7)&^7 + i.snapshots[n].bytes
	}
	i.snapshots = list
	i.h.snapshots, i.h.snapshotsOffset = uint32(len(list)), uint64(off)
	return i.addCount(int64(old)>>i.clusterBits, i.clustersOf(oldBytes), -1)
}
