package migration

import (
	"time"

	"qmpmigrate/core/blockmigration"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// sections are the iterable sections of one stream, in its order: disks, ram,
// dirty bitmaps, and then devices whose state goes out while the VM runs.
type sections []*savevm.Live

// outgoingSections are those of a source.
func (o *outgoing) outgoingSections(machine guest.Machine) sections {
	var all sections
	if o.disks.on() {
		all = append(all, o.diskSection())
	}
	all = append(all, &savevm.Live{IDStr: "ram", Version: wire.RAMVersion, Source: o.ram, Postcopy: o.ramFollows()})
	if o.m.options.enabled(qapi.MigrationCapabilityDirtyBitmaps) {
		all = append(all, o.bitmapSection())
	}
	for _, l := range liveDevices(machine) {
		all = append(all, &l)
	}
	return all
}

// incomingSections are those of a destination: whatever its source sends is taken.
func incomingSections(a *arrival) []savevm.Live {
	disks := diskMover{blockmigration.NewLoader(a.in.m.host.Disks()), a}
	return append([]savevm.Live{
		{IDStr: blockName, Version: wire.BlockVersion, Target: disks},
		{IDStr: "ram", Version: wire.RAMVersion, Target: a},
		{IDStr: bitmapsName, Version: wire.DirtyVersion, Target: a.bitmaps},
	}, liveDevices(a.machine)...)
}

// liveDevices are the sections of a machine's devices.
func liveDevices(machine guest.Machine) []savevm.Live {
	if g, ok := machine.(guest.Live); ok {
		return g.LiveDevices()
	}
	return nil
}

func (all sections) close() {
	for _, l := range all {
		l.Source.Close()
	}
}

func (all sections) start(s *savevm.Saver, now time.Time) error {
	for _, l := range all {
		if err := s.Start(l, now); err != nil {
			return err
		}
	}
	return nil
}

// pending splits what is known to be due: what must be there before the VM runs
// at its destination, and what can follow in postcopy.
func (all sections) pending() (precopy, postcopy uint64) {
	for _, l := range all {
		if l.Postcopy {
			postcopy += l.Source.Pending()
		} else {
			precopy += l.Source.Pending()
		}
	}
	return precopy, postcopy
}

// sendable is all that is known to be due and can be sent while the VM runs.
func (all sections) sendable() uint64 {
	precopy, postcopy := all.pending()
	return precopy + postcopy
}

// sync is pending after a look at the VM, as if it were stopped now.
func (all sections) sync(now time.Time) (precopy, postcopy uint64) {
	for _, l := range all {
		if left := l.Source.Sync(now); l.Postcopy {
			postcopy += left
		} else {
			precopy += left
		}
	}
	return precopy, postcopy
}

// iterate gives each section its turn to write a PART, as long as anything may
// go out. In postcopy only those go on that can.
func (all sections) iterate(s *savevm.Saver, inPostcopy bool, t *turn) error {
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

// complete writes the END of each section; postcopy leaves out those that go on in postcopy.
func (all sections) complete(s *savevm.Saver, postcopy bool) error {
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
