package qcow2

import (
	"fmt"
	"syscall"
)

const (
	offsetMask = 1<<56 - 1<<9
	copied     = 1 << 63 // its count is 1
	compressed = 1 << 62
	zero       = 1 << 0
)

// kind is what an entry of an L2 table says of a cluster.
type kind int

const (
	unallocated kind = iota
	zeroPlain        // zeros without room for them
	zeroKept         // zeros with room for other content
	normal
	deflated
)

func kindOf(e uint64) kind {
	switch {
	case e&compressed != 0:
		return deflated
	case e&zero != 0 && e&offsetMask != 0:
		return zeroKept
	case e&zero != 0:
		return zeroPlain
	case e&offsetMask != 0:
		return normal
	}
	return unallocated
}

// piece is a run of bytes of the disk of which one thing is true.
type piece struct {
	kind kind
	n    int64
	// entry is that of the first cluster.
	entry uint64
	// host is where the first byte is in the file, for normal ones.
	host int64
}

// lookup tells of the bytes at off, at most n. Those of a piece that is normal
// lie in a row; one that is compressed is within one cluster.
func (i *Image) lookup(off, n int64) (piece, error) {
	tableBytes := i.clusterSize << i.l2Bits
	n = min(n, tableBytes-off&(tableBytes-1))
	at := off >> (i.clusterBits + i.l2Bits)
	if at >= int64(len(i.l1)) || i.l1[at]&offsetMask == 0 {
		return piece{kind: unallocated, n: n}, nil
	}
	t, err := i.tableAt(at)
	if err != nil {
		return piece{}, err
	}
	within := off & (i.clusterSize - 1)
	index := off >> i.clusterBits & (1<<i.l2Bits - 1)
	p := piece{entry: t.entry(index)}
	p.kind = i.kindOf(p.entry)
	if err := i.checkEntry(p.entry, off); err != nil {
		return piece{}, err
	}
	host := p.entry & offsetMask
	p.host = int64(host) + within
	p.n = i.clusterSize - within
	for index++; p.n < n && p.kind != deflated; index++ {
		e := t.entry(index)
		host += uint64(i.clusterSize)
		if i.kindOf(e) != p.kind || p.kind == normal && e&offsetMask != host {
			break
		}
		p.n += i.clusterSize
	}
	p.n = min(p.n, n)
	return p, nil
}

func (i *Image) checkEntry(e uint64, off int64) error {
	switch k := i.kindOf(e); {
	case i.external() && k == deflated:
		return i.damaged(fmt.Sprintf("Compressed cluster entry found in image with external data file (guest offset: %#x)", off))
	case i.external() && k == normal && int64(e&offsetMask) != off&^(i.clusterSize-1):
		return i.damaged(fmt.Sprintf("External data file host cluster offset %#x does not match guest cluster offset: %#x", e&offsetMask, off))
	case (k == normal || k == zeroKept) && e&offsetMask&uint64(i.clusterSize-1) != 0:
		return i.damaged(fmt.Sprintf("Cluster allocation offset %#x unaligned (guest offset: %#x)", e&offsetMask, off))
	case (k == zeroPlain || k == zeroKept) && i.h.version < 3:
		return i.damaged(fmt.Sprintf("Zero cluster entry found in pre-v3 image (guest offset: %#x)", off))
	}
	return nil
}

// tableAt gives the L2 table that an entry of the active L1 table names.
func (i *Image) tableAt(at int64) (*table, error) { return i.tableOf(i.l1[at], at) }

func (i *Image) tableOf(e uint64, at int64) (*table, error) {
	off := e & offsetMask
	if off&uint64(i.clusterSize-1) != 0 {
		return nil, i.damaged(fmt.Sprintf("L2 table offset %#x unaligned (L1 index: %#x)", off, at))
	}
	return i.l2.get(int64(off))
}

// ownTable gives the L2 table at an entry of the active L1 table, which nothing
// else uses, so that it can be changed.
func (i *Image) ownTable(at int64) (*table, error) {
	if i.corrupt() {
		return nil, syscall.EIO
	}
	if at >= int64(len(i.l1)) {
		if err := i.growL1(at + 1); err != nil {
			return nil, err
		}
	}
	e := i.l1[at]
	if e&copied != 0 && e&offsetMask != 0 {
		return i.tableAt(at)
	}
	cluster, _, err := i.allocate(1)
	if err != nil {
		return nil, err
	}
	t, err := i.copyTable(e, at, cluster)
	if err != nil {
		i.release(cluster, 1)
		return nil, err
	}
	i.setL1(at, uint64(t.at)|copied)
	if old := int64(e & offsetMask); old != 0 {
		i.release(old>>i.clusterBits, 1)
	}
	return t, nil
}

// copyTable makes a table in a cluster, with what the one has that e names.
func (i *Image) copyTable(e uint64, at, cluster int64) (*table, error) {
	t, err := i.l2.fresh(cluster << i.clusterBits)
	if err != nil || e&offsetMask == 0 {
		return t, err
	}
	old, err := i.tableOf(e, at)
	if err != nil {
		i.l2.drop(t.at)
		return nil, err
	}
	copy(t.data, old.data)
	return t, nil
}
