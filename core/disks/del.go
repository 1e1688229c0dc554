package disks

import (
	"context"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// BlockdevDel is blockdev-del.
func (s *Set) BlockdevDel(_ context.Context, args *qapi.BlockdevDelArgs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.graph.Node(args.NodeName); n != nil && !s.attached(n) {
		for _, parent := range s.graph.Nodes() {
			if beneath(parent) == n {
				return qapi.Errorf("Node '%s' is busy: node is used as backing hd of '%s'", args.NodeName, s.nameOf(parent))
			}
		}
	}
	if err := s.graph.RemoveNode(args.NodeName); err != nil {
		return err
	}
	for n := range s.nodes {
		if s.graph.Node(n.Name()) != n {
			delete(s.nodes, n)
		}
	}
	return nil
}

// attached says whether a drive or a device uses n itself.
func (s *Set) attached(n *block.Node) bool {
	for _, d := range s.drives {
		if d.node == n {
			return true
		}
	}
	return false
}

// beneath is the image that an image lies on, nil for none.
func beneath(n *block.Node) *block.Node {
	for _, c := range n.Children() {
		if c.Role == "backing" {
			return c.Node
		}
	}
	return nil
}
