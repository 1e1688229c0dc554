package qcow2

import "encoding/binary"

// flush writes all tables that were changed, in the order in which a cut does no
// harm. What it wrote last need not be safe when it returns.
func (i *Image) flush() error {
	if err := i.flushCounts(); err != nil {
		return err
	}
	if err := i.flushL2(); err != nil {
		return err
	}
	if err := i.flushL1(); err != nil {
		return err
	}
	return i.flushPending()
}

func (i *Image) flushCounts() error { return i.counts.write() }

func (i *Image) flushL2() error {
	if !i.l2.dirty() {
		return nil
	}
	// The counts, and what is in the clusters.
	if err := i.flushContent(); err != nil {
		return err
	}
	return i.l2.write()
}

func (i *Image) flushL1() error {
	d := i.l1Dirty
	if d.n == 0 {
		return nil
	}
	if err := i.s.Flush(); err != nil {
		return err
	}
	p := make([]byte, 0, d.n*8)
	for _, e := range i.l1[d.first : d.first+d.n] {
		p = binary.BigEndian.AppendUint64(p, e)
	}
	if _, err := i.s.WriteAt(p, int64(i.h.l1Offset)+d.first*8); err != nil {
		return err
	}
	i.l1Dirty = span{}
	return nil
}

// flushPending lets counts go down of clusters that no table names any more.
func (i *Image) flushPending() error {
	if len(i.pending) == 0 {
		return nil
	}
	if err := i.s.Flush(); err != nil {
		return err
	}
	pending := i.pending
	i.pending = nil
	for _, s := range pending {
		if err := i.addCount(s.first, s.n, -1); err != nil {
			return err
		}
	}
	return i.flushCounts()
}

// setL1 changes an entry of the active L1 table.
func (i *Image) setL1(at int64, e uint64) {
	i.l1[at] = e
	d := &i.l1Dirty
	if d.n == 0 {
		*d = span{at, 1}
		return
	}
	first, end := min(d.first, at), max(d.first+d.n, at+1)
	*d = span{first, end - first}
}

// release lets the counts of clusters go down once no table names them.
func (i *Image) release(first, n int64) {
	if last := len(i.pending) - 1; last >= 0 && i.pending[last].first+i.pending[last].n == first {
		i.pending[last].n += n
		return
	}
	i.pending = append(i.pending, span{first, n})
}
