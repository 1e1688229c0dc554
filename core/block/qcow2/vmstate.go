package qcow2

import "syscall"

// vmStateIndex is the first entry of the L1 table that no disk needs.
func (i *Image) vmStateIndex() int64 { return int64(i.h.sizeToL1(i.h.size)) }

// vmState is where VM state begins, as if it were behind the disk.
func (i *Image) vmState() int64 { return i.vmStateIndex() << (i.clusterBits + i.l2Bits) }

// reach checks that VM state may go that far.
func (i *Image) reach(off, n int64) error {
	if i.external() {
		return syscall.ENOTSUP
	}
	if room := (maxL1 - i.vmStateIndex()) << (i.clusterBits + i.l2Bits); off < 0 || n > room || off > room-n {
		return syscall.EFBIG
	}
	return nil
}

// WriteVMState writes a piece of VM state.
func (i *Image) WriteVMState(p []byte, off int64) error {
	if err := i.reach(off, int64(len(p))); err != nil {
		return err
	}
	_, err := i.write(p, i.vmState()+off)
	return err
}

// ReadVMState reads what WriteVMState wrote since the last Create, or what was
// there in the snapshot that was applied.
func (i *Image) ReadVMState(p []byte, off int64) (int, error) {
	if err := i.reach(off, int64(len(p))); err != nil {
		return 0, err
	}
	return i.read(p, i.vmState()+off)
}

// dropVMState takes VM state out of the active tables.
func (i *Image) dropVMState() error {
	for at := i.vmStateIndex(); at < int64(len(i.l1)); at++ {
		e := i.l1[at]
		if e&offsetMask == 0 {
			continue
		}
		t, err := i.tableAt(at)
		if err != nil {
			return err
		}
		for index := range int64(1) << i.l2Bits {
			s, err := i.clusters(t.entry(index), t.at)
			if err != nil {
				return err
			}
			if s.n > 0 {
				i.release(s.first, s.n)
			}
		}
		i.setL1(at, 0)
		i.release(int64(e&offsetMask)>>i.clusterBits, 1)
	}
	return nil
}
