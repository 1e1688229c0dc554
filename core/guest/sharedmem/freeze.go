package sharedmem

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/memory/uffd"
)

var (
	errFrozen  = errors.New("a snapshot of the memory is being made")
	errTracked = errors.New("the writes of the guest are being counted")
)

// Freeze implements memory.Freezer. It has a userfaultfd of its own: on the other
// one the kernel lets writes pass and only keeps account of them.
func (m *Memory) Freeze(allow func(page uint64) bool) error {
	m.mode.Lock()
	defer m.mode.Unlock()
	if m.tracked {
		return errTracked
	}
	err := m.Writes.SetReadDeadline(time.Time{})
	if err == nil {
		err = m.Writes.Register(m.Base, m.length, uffd.Protected)
	}
	if gone(err) {
		return nil // nobody writes any more
	}
	if err == nil {
		err = m.Writes.Protect(m.Base, m.length, true)
	}
	if err != nil && !is(err, unix.ESRCH) {
		// What was registered must not stay so.
		return errors.Join(err, m.Writes.Protect(m.Base, m.length, false), m.Writes.Unregister(m.Base, m.length))
	}
	m.frozen.Store(true)
	m.savers.Go(func() { m.letWrite(allow) })
	return nil
}

// letWrite answers writes until Thaw or Close.
func (m *Memory) letWrite(allow func(page uint64) bool) {
	m.each(m.Writes, func(at uint64, _ uint32) bool {
		for page := at / memory.PageSize; page < (at+m.page)/memory.PageSize; page++ {
			if !allow(page) {
				return false
			}
		}
		// Whether it is still registered or not, nobody waits afterwards.
		_ = m.Writes.Protect(m.Base+at, m.page, false)
		return true
	})
}

// Allow implements memory.Freezer. Of huge pages it is better to wait for the
// question: their parts are allowed one by one.
func (m *Memory) Allow(first, count uint64) {
	if m.page == memory.PageSize && m.frozen.Load() {
		// A page that stays protected is asked for when it is written.
		_ = m.Writes.Protect(m.at(first), count*memory.PageSize, false)
	}
}

// Thaw implements memory.Freezer. It wakes whoever waits.
func (m *Memory) Thaw() error {
	if !m.frozen.Load() {
		return nil
	}
	// To unregister wakes only those who wait for what is missing.
	err := errors.Join(m.Writes.Protect(m.Base, m.length, false), m.Writes.Unregister(m.Base, m.length),
		m.Writes.Wake(m.Base, m.length))
	if gone(err) {
		err = nil
	}
	err = errors.Join(err, leave(m.Writes))
	m.savers.Wait()
	m.frozen.Store(false)
	return err
}
