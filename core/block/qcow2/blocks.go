package qcow2

import (
	"encoding/binary"
	"syscall"
)

// newBlock makes a block for the counts around a free cluster, in that cluster.
func (i *Image) newBlock(cluster int64) error { return i.newBlockFor(cluster, cluster) }

// newBlockFor makes a block for the counts around a cluster in another one,
// which is free, and counts that. It is safe before the table names it.
func (i *Image) newBlockFor(cluster, place int64) error {
	at := cluster / i.perBlock()
	if at >= int64(len(i.refTable)) {
		return i.growRefTable(at)
	}
	off := place << i.clusterBits
	b, err := i.counts.fresh(off)
	if err != nil {
		return err
	}
	old := i.refTable[at]
	i.refTable[at] = uint64(off)
	if err := i.addCount(place, 1, 1); err != nil {
		i.refTable[at] = old
		i.counts.drop(off)
		return err
	}
	if b.dirty {
		if _, err := i.s.WriteAt(b.data, off); err != nil {
			return err
		}
		b.dirty = false
	}
	if place/i.perBlock() != at {
		if err := i.flushCounts(); err != nil {
			return err
		}
	}
	if err := i.s.Flush(); err != nil {
		return err
	}
	_, err = i.s.WriteAt(binary.BigEndian.AppendUint64(nil, uint64(off)), int64(i.h.refTableOffset)+at*8)
	return err
}

// growRefTable makes the table of the first level longer, so that it has an
// entry at. The new one, and blocks for it, go where the old one does not reach,
// so nothing can be there yet.
func (i *Image) growRefTable(at int64) error {
	if err := i.flushCounts(); err != nil {
		return err
	}
	perCluster := int64(1) << i.l2Bits
	have, per := int64(len(i.refTable)), i.perBlock()
	first := have * per
	clusters := max(at+1, have+have/2+1)
	clusters = (clusters + perCluster - 1) / perCluster
	blocks := int64(1)
	for {
		need := (blocks + clusters + per - 1) / per
		enough := (have + need + perCluster - 1) / perCluster
		if need == blocks && enough <= clusters {
			break
		}
		blocks, clusters = max(need, blocks), max(enough, clusters)
	}
	if clusters*perCluster > maxRefTable {
		return syscall.EFBIG
	}
	table := make([]uint64, clusters*perCluster)
	copy(table, i.refTable)
	for n := range blocks {
		b, err := i.counts.fresh((first + n) << i.clusterBits)
		if err != nil {
			return err
		}
		for c := range min(max(blocks+clusters-n*per, 0), per) {
			i.setCountIn(b.data, c, 1)
		}
		table[have+n] = uint64(first+n) << i.clusterBits
	}
	if err := i.flushCounts(); err != nil {
		return err
	}
	off := (first + blocks) << i.clusterBits
	if err := i.writeTable(table, off); err != nil {
		return err
	}
	p := binary.BigEndian.AppendUint64(nil, uint64(off))
	if err := i.putHeader(atRefTable, binary.BigEndian.AppendUint32(p, uint32(clusters))); err != nil {
		return err
	}
	oldFirst, oldClusters := int64(i.h.refTableOffset)>>i.clusterBits, int64(i.h.refTableClusters)
	i.refTable = table
	i.h.refTableOffset, i.h.refTableClusters = uint64(off), uint32(clusters)
	return i.addCount(oldFirst, oldClusters, -1)
}

// writeTable writes numbers.
func (i *Image) writeTable(table []uint64, off int64) error {
	p := make([]byte, 0, len(table)*8)
	for _, e := range table {
		p = binary.BigEndian.AppendUint64(p, e)
	}
	_, err := i.s.WriteAt(p, off)
	return err
}
