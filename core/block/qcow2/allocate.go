package qcow2

import "syscall"

// allocate finds up to n free clusters in a row, at least one, and counts them.
func (i *Image) allocate(n int64) (first, got int64, err error) {
	for {
		first, err = i.nextFree(i.hint)
		if err != nil {
			return 0, 0, err
		}
		b, err := i.block(first)
		if err != nil {
			return 0, 0, err
		}
		if b != nil {
			break
		}
		if err := i.newBlock(first); err != nil {
			return 0, 0, err
		}
	}
	end := min(first+n, (first/i.perBlock()+1)*i.perBlock())
	for got = 1; first+got < end; got++ {
		if count, err := i.count(first + got); err != nil {
			return 0, 0, err
		} else if count != 0 {
			break
		}
	}
	if err := i.addCount(first, got, 1); err != nil {
		return 0, 0, err
	}
	i.hint = first + got
	return first, got, nil
}

// allocateAll finds n free clusters in a row, and counts them.
func (i *Image) allocateAll(n int64) (first int64, err error) {
	for at := i.hint; ; {
		first, err = i.nextRun(at, n)
		if err != nil {
			return 0, err
		}
		// Blocks that are lacking come first, and count for themselves.
		lacking, err := i.lacking(first, n)
		if err != nil {
			return 0, err
		}
		if lacking == 0 {
			break
		}
		if err := i.newBlock(first); err != nil {
			return 0, err
		}
		at = first + 1
		// Those of further ranges, so that they do not come to lie within the run.
		for c := first + i.perBlock() - first%i.perBlock(); lacking > 1; c += i.perBlock() {
			b, err := i.block(c)
			if err != nil {
				return 0, err
			}
			if b != nil {
				continue
			}
			if err := i.newBlockFor(c, at); err != nil {
				return 0, err
			}
			at++
			lacking--
		}
	}
	return first, i.addCount(first, n, 1)
}

// nextFree finds the first free cluster from at on.
func (i *Image) nextFree(at int64) (int64, error) {
	for ; ; at++ {
		if at > maxOffset>>i.clusterBits {
			return 0, syscall.EFBIG
		}
		if count, err := i.count(at); err != nil || count == 0 {
			return at, err
		}
	}
}

// nextRun finds n free clusters in a row from at on.
func (i *Image) nextRun(at, n int64) (int64, error) {
	first, err := i.nextFree(at)
	for c := first + 1; err == nil && c < first+n; c++ {
		count, e := i.count(c)
		if err = e; err == nil && count != 0 {
			first, err = i.nextFree(c + 1)
			c = first
		}
	}
	return first, err
}

// lacking counts the blocks that would be needed to count for n clusters, and
// for those blocks as well in front of them.
func (i *Image) lacking(first, n int64) (lacking int64, err error) {
	for c := first; c < first+n+lacking; c += i.perBlock() - c%i.perBlock() {
		b, err := i.block(c)
		if err != nil {
			return 0, err
		}
		if b == nil {
			lacking++
		}
	}
	return lacking, nil
}
