package qcow2

import "syscall"

// WriteAt writes to the image itself.
func (i *Image) WriteAt(p []byte, off int64) (int, error) {
	if err := i.within(off, int64(len(p))); err != nil {
		return 0, err
	}
	return i.write(p, off)
}

// write also reaches the VM state behind the disk.
func (i *Image) write(p []byte, off int64) (done int, err error) {
	if i.readOnly() {
		return 0, syscall.EPERM
	}
	for done < len(p) {
		n, err := i.writePiece(p[done:], off+int64(done))
		if err != nil {
			return done, err
		}
		done += n
	}
	if len(i.pending) > maxPending {
		return done, i.flush()
	}
	return done, nil
}

// writePiece writes what can be written at once: to clusters that lie in a row
// and are the disk's own, or to such that have to be allocated.
func (i *Image) writePiece(p []byte, off int64) (int, error) {
	tableBytes := i.clusterSize << i.l2Bits
	p = p[:min(int64(len(p)), tableBytes-off&(tableBytes-1))]
	t, err := i.ownTable(off >> (i.clusterBits + i.l2Bits))
	if err != nil {
		return 0, err
	}
	index := off >> i.clusterBits & (1<<i.l2Bits - 1)
	within := off & (i.clusterSize - 1)
	clusters := i.clustersOf(within + int64(len(p)))
	if err := i.checkEntry(t.entry(index), off); err != nil {
		return 0, err
	}
	if e := t.entry(index); e&copied != 0 && i.kindOf(e) == normal {
		n := int64(1)
		for n < clusters && t.entry(index+n) == e+uint64(n<<i.clusterBits) {
			n++
		}
		p = p[:min(int64(len(p)), n<<i.clusterBits-within)]
		_, err := i.content().WriteAt(p, int64(e&offsetMask)+within)
		return len(p), err
	}
	n := int64(1)
	for n < clusters && !i.ownCluster(t.entry(index+n)) && i.checkEntry(t.entry(index+n), off+n<<i.clusterBits) == nil {
		n++
	}
	first, n, err := i.roomFor(off, t.entry(index), n)
	if err != nil {
		return 0, err
	}
	p = p[:min(int64(len(p)), n<<i.clusterBits-within)]
	if err := i.fill(p, off, first<<i.clusterBits); err != nil {
		if !i.external() && !i.ownCluster(t.entry(index)) {
			i.release(first, n)
		}
		return 0, err
	}
	for c := range n {
		i.replace(t, index+c, uint64((first+c)<<i.clusterBits)|copied)
	}
	return len(p), nil
}

// ownCluster says whether an entry has a cluster of the file for itself.
func (i *Image) ownCluster(e uint64) bool {
	k := i.kindOf(e)
	return e&copied != 0 && (k == normal || k == zeroKept)
}

// roomFor gives clusters for up to n that follow each other on the disk from off
// on, of which e is the entry of the first: one that was kept for it, or new ones.
func (i *Image) roomFor(off int64, e uint64, n int64) (first, got int64, err error) {
	if i.external() {
		return off >> i.clusterBits, n, nil
	}
	if i.ownCluster(e) {
		return int64(e&offsetMask) >> i.clusterBits, 1, nil
	}
	return i.allocate(n)
}

// replace changes an entry, and lets go of what the old one named.
func (i *Image) replace(t *table, index int64, e uint64) {
	old := t.entry(index)
	t.setEntry(index, e)
	if i.external() {
		return // what is there has its place for good
	}
	switch kindOf(old) {
	case deflated:
		s := i.compressedClusters(old)
		i.release(s.first, s.n)
		i.inflater.entry = 0
	case normal, zeroKept:
		if old&offsetMask != e&offsetMask {
			i.release(int64(old&offsetMask)>>i.clusterBits, 1)
		}
	}
}

// fill writes p, and what was on the disk around it in the same clusters, to
// clusters of the file that are not the disk's yet.
func (i *Image) fill(p []byte, off, host int64) error {
	if within := off & (i.clusterSize - 1); within != 0 || int64(len(p)) < i.clusterSize {
		n := min(int64(len(p)), i.clusterSize-within)
		if err := i.fillOne(p[:n], off, host); err != nil {
			return err
		}
		p, off, host = p[n:], off+n, host+i.clusterSize
	}
	if whole := int64(len(p)) &^ (i.clusterSize - 1); whole > 0 {
		if _, err := i.content().WriteAt(p[:whole], host); err != nil {
			return err
		}
		p, off, host = p[whole:], off+whole, host+whole
	}
	if len(p) == 0 {
		return nil
	}
	return i.fillOne(p, off, host)
}

// fillOne is fill within one cluster.
func (i *Image) fillOne(p []byte, off, host int64) error {
	within := off & (i.clusterSize - 1)
	start := off - within
	end := i.clusterSize
	if off < i.Size() {
		end = min(end, i.Size()-start) // the last cluster may reach beyond the disk
	}
	clear(i.buffer[end:])
	if _, err := i.read(i.buffer[:within], start); err != nil {
		return err
	}
	if after := within + int64(len(p)); after < end {
		if _, err := i.read(i.buffer[after:end], start+after); err != nil {
			return err
		}
	}
	copy(i.buffer[within:], p)
	if !i.external() {
		end = i.clusterSize
	}
	_, err := i.content().WriteAt(i.buffer[:end], host)
	return err
}
