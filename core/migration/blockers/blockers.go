// Package blockers is what keeps a machine from being migrated.
package blockers

import (
	"fmt"
	"slices"
	"sync"

	"qmpmigrate/qapi"
)

// List are the reasons for which a machine cannot be migrated. Its methods may
// be called from any goroutine.
type List struct {
	mu sync.Mutex
	// onlyMigratable refuses new ones.
	onlyMigratable bool
	devices        []string  // in the order in which they came
	reasons        []*string // the newest last; each is its own pointer
}

// Refuse makes every later blocker an error, as -only-migratable does.
func (b *List) Refuse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.onlyMigratable = true
}

// Refuses says whether every blocker is an error.
func (b *List) Refuses() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.onlyMigratable
}

// Add blocks for a reason until unblock is called, which may be called again.
// busy: the machine is on its way already.
func (b *List) Add(reason string, busy bool) (unblock func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.onlyMigratable {
		return nil, qapi.Errorf("disallowing migration blocker (--only-migratable) for: %s", reason)
	}
	if busy {
		return nil, qapi.Errorf("disallowing migration blocker (migration/snapshot in progress) for: %s", reason)
	}
	own := &reason
	b.reasons = append(b.reasons, own)
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.reasons = slices.DeleteFunc(b.reasons, func(other *string) bool { return other == own })
	}, nil
}

// AddDevice blocks for a device whose state cannot be sent. idstr names it in the
// stream, kind is its type.
func (b *List) AddDevice(idstr, kind string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.onlyMigratable {
		return qapi.Errorf("Device %s is not migratable, but --only-migratable was specified", kind)
	}
	b.devices = append(b.devices, idstr)
	return nil
}

// Err is what migrate says: the first device, or the newest reason.
func (b *List) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.devices) > 0 {
		return fmt.Errorf("State blocked by non-migratable device '%s'", b.devices[0])
	}
	if n := len(b.reasons); n > 0 {
		return qapi.Errorf("%s", *b.reasons[n-1])
	}
	return nil
}

// Texts is what query-migrate says: the oldest reason first, then the devices,
// of which the newest comes first.
func (b *List) Texts() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.reasons {
		all = append(all, *r)
	}
	for _, d := range slices.Backward(b.devices) {
		all = append(all, "non-migratable device: "+d)
	}
	return all
}
