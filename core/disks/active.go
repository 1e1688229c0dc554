package disks

import (
	"context"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// BlockdevSetActive is blockdev-set-active.
func (s *Set) BlockdevSetActive(_ context.Context, args *qapi.BlockdevSetActiveArgs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if args.NodeName == nil {
		return s.setAllActive(args.Active)
	}
	n := s.graph.Node(*args.NodeName)
	switch {
	case n == nil:
		return qapi.Errorf("Failed to find node with node-name='%s'", *args.NodeName)
	case args.Active:
		return n.ActivateAll()
	case s.graph.InActiveUse(n):
		return qapi.Errorf("Node has active parent node")
	}
	if err := s.graph.Release(n); err != nil {
		return qapi.Errorf("Failed to inactivate node: %s", block.Strerror(err))
	}
	return nil
}

// setAllActive is about the nodes that disks are in, as in QEMU.
func (s *Set) setAllActive(active bool) error {
	for _, b := range s.graph.Backends() {
		if active {
			if err := b.Node.ActivateAll(); err != nil {
				return err
			}
		} else if !s.graph.InActiveUse(b.Node) {
			if err := s.graph.Release(b.Node); err != nil {
				return qapi.Errorf("Failed to inactivate all nodes: %s", block.Strerror(err))
			}
		}
	}
	return nil
}
