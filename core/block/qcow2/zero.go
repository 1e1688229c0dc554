package qcow2

import "syscall"

// WriteZeros makes a piece of the disk zeros, without room where whole clusters
// are zeros.
func (i *Image) WriteZeros(off, n int64) error {
	if err := i.within(off, n); err != nil {
		return err
	}
	if i.readOnly() {
		return syscall.EPERM
	}
	for n > 0 {
		done, err := i.zeroPiece(off, n)
		if err != nil {
			return err
		}
		off, n = off+done, n-done
		if len(i.pending) > maxPending {
			if err := i.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *Image) zeroPiece(off, n int64) (int64, error) {
	tableBytes := i.clusterSize << i.l2Bits
	n = min(n, tableBytes-off&(tableBytes-1))
	within := off & (i.clusterSize - 1)
	whole := n >> i.clusterBits
	if off+n == i.Size() {
		whole = i.clustersOf(n) // what follows in the last cluster is of no disk
	}
	if within != 0 || whole == 0 {
		n = min(n, i.clusterSize-within)
		return n, i.zeroPart(off, n)
	}
	n = min(n, whole<<i.clusterBits)
	return n, i.zeroClusters(off, whole)
}

// zeroPart makes zeros within one cluster.
func (i *Image) zeroPart(off, n int64) error {
	found, err := i.lookup(off, n)
	if err != nil {
		return err
	}
	switch {
	case found.kind == zeroPlain || found.kind == zeroKept:
		return nil
	case found.kind == unallocated && i.beneath(off, n) == 0:
		return nil
	}
	_, err = i.write(i.zeros[:n], off)
	return err
}

// writeZeros writes n zeros.
func (i *Image) writeZeros(off, n int64) error {
	for n > 0 {
		done, err := i.write(i.zeros[:min(n, i.clusterSize)], off)
		if err != nil {
			return err
		}
		off, n = off+int64(done), n-int64(done)
	}
	return nil
}

// zeroClusters makes n clusters zeros, which are of one L2 table.
func (i *Image) zeroClusters(off, n int64) error {
	if i.rawData() {
		return i.writeZeros(off, min(n<<i.clusterBits, i.Size()-off))
	}
	at := off >> (i.clusterBits + i.l2Bits)
	covered := i.beneath(off, n<<i.clusterBits) > 0
	if !covered && (at >= int64(len(i.l1)) || i.l1[at]&offsetMask == 0) {
		return nil
	}
	t, err := i.ownTable(at)
	if err != nil {
		return err
	}
	index := off >> i.clusterBits & (1<<i.l2Bits - 1)
	for c := range n {
		at := off + c<<i.clusterBits
		beneath := covered && i.beneath(at, i.clusterSize) > 0
		e := t.entry(index + c)
		if err := i.checkEntry(e, at); err != nil {
			return err
		}
		switch k := i.kindOf(e); {
		case k == zeroPlain || k == zeroKept, k == unallocated && !beneath:
		case i.h.version >= 3 && (beneath || k == unallocated):
			i.replace(t, index+c, zero)
		case !beneath:
			i.replace(t, index+c, 0)
		default: // an image of version 2 cannot hide what is beneath
			if _, err := i.write(i.zeros[:min(i.clusterSize, i.Size()-at)], at); err != nil {
				return err
			}
			if t, err = i.ownTable(off >> (i.clusterBits + i.l2Bits)); err != nil {
				return err
			}
		}
	}
	return nil
}
