// Package sections is the iterable sections of one stream as a whole: how much is
// left of all, and whose turn it is to send.
package sections

import (
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
)

// List is the iterable sections of one stream, in its order: disks, ram,
// dirty bitmaps, and then devices whose state goes out while the VM runs.
type List []*savevm.Live

// Devices are the sections of a machine's devices.
func Devices(machine guest.Machine) []savevm.Live {
	if g, ok := machine.(interface{ LiveDevices() []savevm.Live }); ok {
		return g.LiveDevices()
	}
	return nil
}

// Close gives up what the sections hold; it is called however the stream ended.
func (all List) Close() {
	for _, l := range all {
		l.Source.Close()
	}
}

// Start writes the START of each section.
func (all List) Start(s *savevm.Saver, now time.Time) error {
	for _, l := range all {
		if err := s.Start(l, now); err != nil {
			return err
		}
	}
	return nil
}

// Pending splits what is known to be due: what must be there before the VM runs
// at its destination, and what can follow in postcopy.
func (all List) Pending() (precopy, postcopy uint64) {
	for _, l := range all {
		if l.Postcopy {
			postcopy += l.Source.Pending()
		} else {
			precopy += l.Source.Pending()
		}
	}
	return precopy, postcopy
}

// Sendable is all that is known to be due and can be sent while the VM runs.
func (all List) Sendable() uint64 {
	precopy, postcopy := all.Pending()
	return precopy + postcopy
}

// Sync is pending after a look at the VM, as if it were stopped now.
func (all List) Sync(now time.Time) (precopy, postcopy uint64) {
	for _, l := range all {
		if left := l.Source.Sync(now); l.Postcopy {
			postcopy += left
		} else {
			precopy += left
		}
	}
	return precopy, postcopy
}

// Iterate gives each section its turn to write a PART, as long as anything may
// go out. In postcopy only those go on that can.
func (all List) Iterate(s *savevm.Saver, inPostcopy bool, t *Turn) error {
	for _, l := range all {
		if !l.Source.Active() || inPostcopy && !l.Postcopy {
			continue
		}
		if !t.begin(time.Now()) {
			return nil
		}
		if err := s.Part(l, t.room); err != nil {
			return err
		}
		if bulk(l.Source) {
			return nil
		}
	}
	return nil
}

// Complete writes the END of each section; postcopy leaves out those that go on in postcopy.
func (all List) Complete(s *savevm.Saver, postcopy bool) error {
	for _, l := range all {
		if postcopy && l.Postcopy {
			continue
		}
		if err := s.End(l); err != nil {
			return err
		}
	}
	return nil
}

// bulk says whether a section wants the channel for itself.
func bulk(s savevm.Iterable) bool {
	b, ok := s.(interface{ Bulk() bool })
	return ok && b.Bulk()
}
