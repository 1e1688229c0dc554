package migration

import (
	"fmt"
	"slices"

	"qmpmigrate/qapi"
)

// blockers are the reasons for which this machine cannot be migrated.
type blockers struct {
	// onlyMigratable refuses new ones.
	onlyMigratable bool
	devices        []string  // in the order in which they came
	reasons        []*string // the newest last; each is its own pointer
}

// OnlyMigratable makes every later blocker an error, as -only-migratable does.
func (m *Migration) OnlyMigratable() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blockers.onlyMigratable = true
}

// Block keeps the machine from being migrated, for a reason that migrate
// tells, until unblock is called.
func (m *Migration) Block(reason string) (unblock func(), err error) {
	busy := m.busy() || m.host.RunState() == qapi.RunStateSaveVM
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.blockers.onlyMigratable {
		return nil, qapi.Errorf("disallowing migration blocker (--only-migratable) for: %s", reason)
	}
	if busy {
		return nil, qapi.Errorf("disallowing migration blocker (migration/snapshot in progress) for: %s", reason)
	}
	own := &reason
	m.blockers.reasons = append(m.blockers.reasons, own)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.blockers.reasons = slices.DeleteFunc(m.blockers.reasons, func(other *string) bool { return other == own })
	}, nil
}

// BlockDevice keeps the machine from being migrated because it has a device
// whose state cannot be sent. idstr names it in the stream, kind is its type.
func (m *Migration) BlockDevice(idstr, kind string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.blockers.onlyMigratable {
		return qapi.Errorf("Device %s is not migratable, but --only-migratable was specified", kind)
	}
	m.blockers.devices = append(m.blockers.devices, idstr)
	return nil
}

// blocked is what migrate says: the first device, or the newest reason.
func (m *Migration) blocked() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := &m.blockers
	if len(b.devices) > 0 {
		return fmt.Errorf("State blocked by non-migratable device '%s'", b.devices[0])
	}
	if n := len(b.reasons); n > 0 {
		return qapi.Errorf("%s", *b.reasons[n-1])
	}
	return nil
}

// list is what query-migrate says: the oldest reason first, then the devices,
// of which the newest comes first. Callers hold the engine's mu.
func (b *blockers) list() (all []string) {
	for _, r := range b.reasons {
		all = append(all, *r)
	}
	for _, d := range slices.Backward(b.devices) {
		all = append(all, "non-migratable device: "+d)
	}
	return all
}
