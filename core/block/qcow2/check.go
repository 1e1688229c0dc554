package qcow2

import (
	"errors"
	"fmt"
)

// CheckResult is what Check found.
type CheckResult struct {
	// Errors are references that are not counted, Leaks counts without reference.
	Errors, Leaks int
	// First tells of the first error, or else of the first leak.
	First string
}

func (r *CheckResult) error(format string, args ...any) {
	if r.Errors++; r.Errors == 1 {
		r.First = fmt.Sprintf(format, args...)
	}
}

func (r *CheckResult) leak(format string, args ...any) {
	if r.Leaks++; r.Leaks == 1 && r.Errors == 0 {
		r.First = fmt.Sprintf(format, args...)
	}
}

// Check holds the counts against what the tables say.
func (i *Image) Check() (r CheckResult, err error) {
	if !i.readOnly() {
		if err := i.flush(); err != nil {
			return r, err
		}
	}
	refs, err := i.references()
	if err != nil {
		return r, err
	}
	for c, want := range refs {
		got, err := i.count(int64(c))
		switch {
		case err != nil:
			return r, err
		case got < uint64(want):
			r.error("cluster %d refcount=%d reference=%d", c, got, want)
		case got > uint64(want):
			r.leak("cluster %d refcount=%d reference=%d", c, got, want)
		}
	}
	return r, i.checkMarks(&r)
}

// checkMarks looks whether the active tables know which clusters are used once.
func (i *Image) checkMarks(r *CheckResult) error {
	for at, e := range i.l1 {
		if e&offsetMask == 0 {
			continue
		}
		if marked, err := i.marked(e); err != nil {
			return err
		} else if marked != e {
			r.error("L1 entry %d is %x", at, e)
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
			if marked, err := i.marked(e); err != nil {
				return err
			} else if marked != e {
				r.error("L2 entry %d of %d is %x", index, at, e)
			}
		}
	}
	return nil
}

// references counts how often each cluster is named by something.
func (i *Image) references() (refs references, err error) {
	clusters := i.clustersOf(i.s.Size())
	if clusters > maxChecked {
		return nil, errors.New("the image is too large to be checked")
	}
	refs = make(references, clusters)
	refs.add(0, 1)
	refs.add(int64(i.h.refTableOffset)>>i.clusterBits, int64(i.h.refTableClusters))
	for _, e := range i.refTable {
		if off := e & refTableOffsetMask; off != 0 {
			refs.add(int64(off)>>i.clusterBits, 1)
		}
	}
	refs.add(int64(i.h.l1Offset)>>i.clusterBits, i.clustersOf(int64(len(i.l1))*8))
	err = i.countTree(refs, i.l1)
	table := int64(0)
	for n := range i.snapshots {
		s := &i.snapshots[n]
		table = (table+7)&^7 + s.bytes
		l1, e := i.snapshotL1(s)
		if err = errors.Join(err, e); err != nil {
			return nil, err
		}
		refs.add(int64(s.l1Offset)>>i.clusterBits, i.clustersOf(int64(len(l1))*8))
		err = i.countTree(refs, l1)
	}
	refs.add(int64(i.h.snapshotsOffset)>>i.clusterBits, i.clustersOf(table))
	return refs, errors.Join(err, i.countBitmaps(refs))
}

func (i *Image) countTree(refs references, l1 []uint64) error {
	for at, e := range l1 {
		off := int64(e & offsetMask)
		if off == 0 {
			continue
		}
		refs.add(off>>i.clusterBits, 1)
		t, err := i.tableOf(e, int64(at))
		if err != nil {
			return err
		}
		for index := range int64(1) << i.l2Bits {
			s, err := i.clusters(t.entry(index), off)
			if err != nil {
				return err
			}
			refs.add(s.first, s.n)
		}
	}
	return nil
}

// references is how often each cluster of the file is named.
type references []uint32

// add counts clusters; what is beyond the file has nothing to count for it.
func (r references) add(first, n int64) {
	for c := max(first, 0); c < first+n && c < int64(len(r)); c++ {
		r[c]++
	}
}
