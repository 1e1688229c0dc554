package qcow2

import (
	"errors"

	"qmpmigrate/core/block"
)

// addTree changes by delta how often all clusters are used that an L1 table of
// a snapshot, or one that was the active one, leads to.
func (i *Image) addTree(l1 []uint64, delta int) error {
	for at, e := range l1 {
		if err := i.addBranch(e, int64(at), delta); err != nil {
			return err
		}
	}
	return nil
}

// addBranch is addTree for one L2 table, which counts as well.
func (i *Image) addBranch(e uint64, at int64, delta int) error {
	off := int64(e & offsetMask)
	if off == 0 {
		return nil
	}
	t, err := i.tableOf(e, at)
	if err != nil {
		return err
	}
	for index := range int64(1) << i.l2Bits {
		s, err := i.clusters(t.entry(index), off)
		if err != nil {
			return err
		}
		if err := i.addCount(s.first, s.n, delta); err != nil {
			return err
		}
	}
	return i.addCount(off>>i.clusterBits, 1, delta)
}

// clusters are those of the file that an entry names.
func (i *Image) clusters(e uint64, table int64) (span, error) {
	if i.external() {
		return span{}, nil
	}
	switch kindOf(e) {
	case deflated:
		return i.compressedClusters(e), nil
	case normal, zeroKept:
		return span{int64(e&offsetMask) >> i.clusterBits, 1}, i.checkEntry(e, table)
	}
	return span{}, nil
}

// markCopied lets the active tables say which clusters are used once, after
// counts changed otherwise than by writing.
func (i *Image) markCopied() error {
	for at, e := range i.l1 {
		if e&offsetMask == 0 {
			continue
		}
		t, err := i.tableAt(int64(at))
		if err != nil {
			return err
		}
		for index := range int64(1) << i.l2Bits {
			e := t.entry(index)
			if !i.countsCluster(e) {
				continue
			}
			marked, err := i.marked(e)
			if err != nil {
				return err
			}
			if marked != e {
				t.setEntry(index, marked)
			}
		}
		marked, err := i.marked(e)
		if err != nil {
			return err
		}
		if marked != e {
			i.setL1(int64(at), marked)
		}
	}
	return nil
}

// marked is an entry with the mark that it must have.
func (i *Image) marked(e uint64) (uint64, error) {
	count, err := i.count(int64(e&offsetMask) >> i.clusterBits)
	if count == 1 {
		return e | copied, err
	}
	return e &^ copied, err
}

// snapshotL1 reads the L1 table of a snapshot.
func (i *Image) snapshotL1(s *snapshot) ([]uint64, error) {
	if err := i.h.checkTable("Snapshot L1 table", s.l1Offset, uint64(s.l1Size), 8, maxL1*8); err != nil {
		return nil, err
	}
	l1, err := i.readTable(int64(s.l1Offset), int64(s.l1Size))
	if err != nil {
		return nil, block.Failed(err, "Failed to read l1 table for snapshot")
	}
	return l1, nil
}

var errNoSnapshot = errors.New("Can't find the snapshot")
