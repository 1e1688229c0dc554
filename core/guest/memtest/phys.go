package memtest

import (
	"fmt"

	"qmpmigrate/core/memory"
)

// ReadPhys reads guest memory from guest-physical addr on into p, also while
// vCPUs run. It waits for memory that is still to come.
func (m *Machine) ReadPhys(addr uint64, p []byte) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	mem, err := m.physical(addr, len(p), m.board.ram.WaitRange)
	copy(p, mem)
	return err
}

// WritePhys writes p to guest memory from guest-physical addr on, as a device
// would: it dirties the pages.
func (m *Machine) WritePhys(addr uint64, p []byte) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	mem, err := m.physical(addr, len(p), m.board.ram.WaitWriteRange)
	if err != nil || len(p) == 0 {
		return err
	}
	copy(mem, p)
	last := (addr + uint64(len(p)) - 1) / memory.PageSize
	for n := addr / memory.PageSize; n <= last; n++ {
		m.board.ram.MarkWritten(n)
	}
	return nil
}

func (m *Machine) physical(addr uint64, n int, wait func(at, size uint64, stop <-chan struct{}) bool) ([]byte, error) {
	size := m.board.ram.Size()
	if addr > size || uint64(n) > size-addr {
		return nil, fmt.Errorf("no memory at guest-physical 0x%x to 0x%x", addr, addr+uint64(n))
	}
	if !wait(addr, uint64(n), m.closing.Done()) {
		return nil, ErrClosed
	}
	return m.board.ram.Bytes()[addr : addr+uint64(n)], nil
}
