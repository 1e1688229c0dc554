package sharedmem

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/memory/uffd"
)

var errGuarded = errors.New("the memory is guarded already")

// Guard implements memory.Guard. A vCPU whose wait is disturbed tells its fault
// again.
func (m *Memory) Guard(fault func(page uint64, cpu int)) error {
	if m.guarded.Swap(true) {
		return errGuarded
	}
	err := m.Faults.SetReadDeadline(time.Time{})
	if err == nil {
		m.mode.Lock()
		err = m.Faults.Register(m.Base, m.length, uffd.Missing)
		m.mode.Unlock()
	}
	if err != nil && !gone(err) {
		m.guarded.Store(false)
		return err
	}
	m.readers.Go(func() { m.read(fault) })
	return nil
}

// read tells faults until Unguard or Close.
func (m *Memory) read(fault func(page uint64, cpu int)) {
	m.each(m.Faults, func(at uint64, thread uint32) bool {
		fault(at/memory.PageSize, m.cpu(thread))
		return true
	})
}

// Place implements memory.Guard.
func (m *Memory) Place(page uint64, data []byte) error {
	err := m.Faults.Copy(m.at(page), data, m.page)
	if gone(err) {
		// Nobody waits any more.
		copy(m.block.Bytes()[page*memory.PageSize:], data)
		err = nil
	}
	if err == nil {
		m.block.Populate(page, uint64(len(data))/memory.PageSize)
	}
	return err
}

// PlaceZero implements memory.Guard.
func (m *Memory) PlaceZero(page, count uint64) error {
	err := m.Faults.Zero(m.at(page), count*memory.PageSize, m.page)
	switch {
	case gone(err):
		return nil
	case !is(err, unix.EINVAL):
		return err
	}
	// Huge pages of zeros have to be copied.
	m.once.Do(func() { m.zeros = make([]byte, m.page) })
	for step := m.page / memory.PageSize; count >= step; page, count = page+step, count-step {
		if err := m.Place(page, m.zeros); err != nil {
			return err
		}
	}
	return nil
}

// Unguard implements memory.Guard.
func (m *Memory) Unguard() error {
	if !m.guarded.Load() {
		return nil
	}
	err := m.Faults.Unregister(m.Base, m.length)
	if gone(err) {
		err = nil
	}
	// fault may be busy, but not for ever: the source is there, or cut off.
	err = errors.Join(err, leave(m.Faults))
	m.readers.Wait()
	m.guarded.Store(false)
	return err
}

func is(err error, errno unix.Errno) bool { return errors.Is(err, errno) }
