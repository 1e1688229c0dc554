package snapshot

import (
	"errors"
	"fmt"

	"qmpmigrate/core/block"
)

// Create makes a snapshot on every disk. keeper is the one that holds the state of
// the VM, size bytes that were written with a Writer. Where it fails no disk has it.
func (s *Set) Create(snap block.Snapshot, keeper *block.Node, size int64) error {
	for _, d := range s.disks {
		if d.skip {
			continue
		}
		one := snap
		if d.node == keeper {
			one.VMStateSize = size
		}
		ok, err := d.node.Snapshots(func(i block.Snapshots) error {
			_, err := i.Create(one)
			return err
		})
		if !ok || err != nil {
			// What is left over of it cannot be helped.
			_ = s.Delete(snap.Name)
			return fmt.Errorf("Could not create snapshot '%s' on '%s'", snap.Name, d.name)
		}
	}
	return nil
}

// Delete deletes the snapshots of that name. A disk without one is left alone.
func (s *Set) Delete(name string) error {
	for _, d := range s.disks {
		if d.skip {
			continue
		}
		found, ok := d.find(name)
		if !ok {
			continue
		}
		_, err := d.node.Snapshots(func(i block.Snapshots) error { return i.Delete(found.ID) })
		if err != nil {
			return fmt.Errorf("Could not delete snapshot '%s' on '%s': %w", name, d.name, err)
		}
	}
	return nil
}

// Apply makes all disks what they were.
func (s *Set) Apply(name string) error {
	for _, d := range s.disks {
		if d.skip {
			continue
		}
		if err := d.apply(name); err != nil {
			return fmt.Errorf("Could not load snapshot '%s' on '%s': %w", name, d.name, err)
		}
	}
	return nil
}

func (d *disk) apply(name string) error {
	if len(d.node.Bitmaps()) > 0 {
		return errors.New("Device has active dirty bitmaps")
	}
	found, _ := d.find(name)
	ok, err := d.node.Snapshots(func(i block.Snapshots) error { return i.Apply(found.ID) })
	switch {
	case !ok:
		return errors.New("Block driver does not support snapshots")
	case err != nil:
		return block.Failed(err, "Failed to load snapshot")
	}
	return nil
}

// Find finds the snapshot of that name on a disk that holds the state of the VM.
func Find(keeper *block.Node, name string) (block.Snapshot, error) {
	d := disk{node: keeper}
	found, ok := d.find(name)
	switch {
	case !ok:
		return found, errors.New("Snapshot can not be found")
	case found.VMStateSize == 0:
		return found, errors.New("This is a disk-only snapshot. Revert to it  offline using qemu-img")
	}
	return found, nil
}
