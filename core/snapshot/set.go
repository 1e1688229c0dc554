// Package snapshot is what snapshots of a whole machine are on its disks: which
// disks have one, which holds the state of the VM, and that state as a stream.
package snapshot

import (
	"errors"
	"fmt"

	"qmpmigrate/core/block"
)

// Set is the disks that a command is about. The errors are QEMU's.
type Set struct{ disks []disk }

type disk struct {
	name string // for messages
	node *block.Node
	// drive is the name of the drive, empty for none.
	drive string
	// skip: the disk cannot be written, and so has no part in snapshots of all.
	skip bool
}

// All is every disk of a machine.
func All(g *block.Graph) *Set {
	s := &Set{}
	for _, b := range g.Roots() {
		name := b.Name
		if name == "" {
			name = b.Node.Name()
		}
		s.disks = append(s.disks, disk{name, b.Node, b.Name, b.Node.ReadOnly()})
	}
	return s
}

// Named are the disks with these nodes.
func Named(g *block.Graph, nodes []string) (*Set, error) {
	if len(nodes) == 0 {
		return nil, errors.New("At least one device is required for snapshot")
	}
	s := &Set{}
	for _, name := range nodes {
		n := g.Node(name)
		if n == nil {
			return nil, fmt.Errorf("No block device node '%s'", name)
		}
		d := disk{name: name, node: n}
		for _, b := range g.Backends() {
			if b.Node == n && b.Name != "" {
				d.name, d.drive = b.Name, b.Name
			}
		}
		s.disks = append(s.disks, d)
	}
	return s, nil
}

// can says whether a disk can keep snapshots.
func (d *disk) can() bool {
	ok, _ := d.node.Snapshots(func(block.Snapshots) error { return nil })
	return ok && !d.node.ReadOnly()
}

// list gives the disk's snapshots.
func (d *disk) list() (list []block.Snapshot) {
	_, _ = d.node.Snapshots(func(s block.Snapshots) error {
		list = s.Snapshots()
		return nil
	})
	return list
}

// find finds a snapshot by its name.
func (d *disk) find(name string) (s block.Snapshot, ok bool) {
	for _, s := range d.list() {
		if s.Name == name {
			return s, true
		}
	}
	return s, false
}

// Check says which disk cannot keep snapshots.
func (s *Set) Check() error {
	for _, d := range s.disks {
		if !d.skip && !d.can() {
			return fmt.Errorf("Device '%s' is writable but does not support snapshots", d.name)
		}
	}
	return nil
}

// Has says whether every disk has a snapshot of that name.
func (s *Set) Has(name string) bool {
	for _, d := range s.disks {
		if d.skip {
			continue
		}
		if _, ok := d.find(name); !ok {
			return false
		}
	}
	return true
}

// Keeper finds the disk for the state of the VM: the node of that name, or the
// first that can where it is empty.
func (s *Set) Keeper(node string) (*block.Node, error) {
	for _, d := range s.disks {
		found := !d.skip && d.can()
		switch {
		case node == "" && found:
			return d.node, nil
		case node == "" || node != d.node.Name():
		case found:
			return d.node, nil
		default:
			return nil, fmt.Errorf("vmstate block device '%s' does not support snapshots", node)
		}
	}
	if node != "" {
		return nil, fmt.Errorf("vmstate block device '%s' does not exist", node)
	}
	return nil, errors.New("no block device can store vmstate for snapshot")
}
