package sharedmem

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/memory/uffd"
)

// Track implements memory.Tracker: all pages are write-protected, and a first
// write to one, which the kernel lets pass, costs its writer about a microsecond.
func (m *Memory) Track() error {
	m.mode.Lock()
	defer m.mode.Unlock()
	switch {
	case m.guarded.Load():
		return errGuarded
	case m.frozen.Load():
		return errFrozen
	}
	err := m.Faults.Register(m.Base, m.length, uffd.Protected)
	if err == nil {
		m.tracked = true
		err = m.Faults.Protect(m.Base, m.length, true)
	}
	if gone(err) {
		m.lost.Store(true)
		return nil
	}
	return err
}

// Written implements memory.Tracker. What a process wrote that is no more
// cannot be told any more: it counts as everything, once.
func (m *Memory) Written(mark func(first, count uint64)) error {
	if m.lost.Load() {
		return nil
	}
	err := m.Pagemap.Written(m.Base, m.Base+m.length, m.pages(mark))
	if err == nil {
		// Some kernels find nothing in what a process left behind, and no
		// error. This changes nothing, and finds out.
		err = m.Faults.Register(m.Base, m.length, uffd.Protected)
	}
	if gone(err) {
		m.lost.Store(true)
		mark(0, m.length/memory.PageSize)
		return nil
	}
	return err
}

// Untrack implements memory.Tracker. It leaves alone what the system watches for
// somebody else.
func (m *Memory) Untrack() error {
	m.mode.Lock()
	defer m.mode.Unlock()
	tracked := m.tracked
	if m.tracked = false; !tracked || m.guarded.Load() {
		return nil
	}
	if err := m.Faults.Unregister(m.Base, m.length); !gone(err) {
		return err
	}
	return nil
}

// Touched implements memory.Tracker. Of pages of the usual size the file knows;
// of huge ones only the page tables do.
func (m *Memory) Touched(mark func(first, count uint64)) error {
	if m.page != memory.PageSize {
		return m.Pagemap.Present(m.Base, m.Base+m.length, m.pages(mark))
	}
	return m.block.Extents(mark)
}

// pages turns addresses there into pages of the block.
func (m *Memory) pages(mark func(first, count uint64)) func(start, end uint64) {
	return func(start, end uint64) {
		mark((start-m.Base)/memory.PageSize, (end-start)/memory.PageSize)
	}
}
