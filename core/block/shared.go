package block

import "slices"

// Shared is an Image which others may use while this process does not: a VM
// that is being moved has its disks in two processes, of which one at a time
// may use them.
type Shared interface {
	Image
	// Inactivate makes safe what was written and gives the file to whoever
	// wants it. Nothing but Size, Activate and Close is called then.
	Inactivate() error
	// Activate takes the file, as it is by then.
	Activate() error
}

// Inactivate gives the node's file to whoever wants it: nobody can write to the
// node until Activate. It keeps the bitmaps that are to be kept.
func (n *Node) Inactivate() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.inactive {
		return nil
	}
	if err := n.storeBitmaps(); err != nil {
		return err
	}
	if err := n.image.Flush(); err != nil {
		return err
	}
	if s, ok := n.image.(Shared); ok {
		if err := s.Inactivate(); err != nil {
			return err
		}
	}
	n.inactive = true
	return nil
}

// Activate undoes Inactivate, or begins the use of a node that was opened so.
func (n *Node) Activate() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || !n.inactive {
		return nil
	}
	if s, ok := n.image.(Shared); ok {
		if err := s.Activate(); err != nil {
			return err
		}
	}
	n.inactive, n.left = false, false
	for _, b := range n.bitmaps {
		b.SetState(func(s *State) { s.SkipStore = false }) // the VM is here after all
	}
	return n.loadBitmaps()
}

// ActivateAll is Activate of the nodes beneath, too.
func (n *Node) ActivateAll() error {
	for _, c := range n.children {
		if err := c.Node.ActivateAll(); err != nil {
			return err
		}
	}
	return n.Activate()
}

// Inactive says whether others may use the node's file.
func (n *Node) Inactive() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.inactive
}

// Leave says that a user wants the file of a node that is inactive to be others':
// Graph.Activate leaves it to them unless a disk is in it.
func (n *Node) Leave() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.left = n.inactive
}

// leaves says whether Leave counts still.
func (n *Node) leaves() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.left
}

// InActiveUse says whether a node that is active uses n.
func (g *Graph) InActiveUse(n *Node) bool {
	for _, parent := range g.Nodes() {
		if !parent.Inactive() && slices.ContainsFunc(parent.children, func(c Child) bool { return c.Node == n }) {
			return true
		}
	}
	return false
}

// Release is Inactivate of one node that no active one uses, and of those
// beneath it of which that is true then, for a user who leaves them to others.
func (g *Graph) Release(n *Node) error {
	if err := n.Inactivate(); err != nil {
		return err
	}
	n.Leave()
	for _, c := range n.children {
		if g.InActiveUse(c.Node) {
			continue
		}
		if err := g.Release(c.Node); err != nil {
			return err
		}
	}
	return nil
}

// Inactivate gives all files to whoever wants them, parents first. Where one
// fails those before it are taken back.
func (g *Graph) Inactivate() error {
	g.inactive.Store(true)
	nodes := g.parentsFirst()
	for i, n := range nodes {
		if err := n.Inactivate(); err != nil {
			g.inactive.Store(false)
			for ; i >= 0; i-- {
				if !nodes[i].leaves() {
					_ = nodes[i].Activate()
				}
			}
			return err
		}
	}
	return nil
}

// Inactive says whether others may use the files; what is opened then is to be
// opened so.
func (g *Graph) Inactive() bool { return g.inactive.Load() }

// Activate takes all files but those that a user has left to others, and that no
// disk is in, children first.
func (g *Graph) Activate() error {
	nodes, taken := g.parentsFirst(), map[*Node]bool{}
	for _, b := range g.Backends() {
		taken[b.Node] = true
	}
	for _, n := range nodes {
		for _, c := range n.children {
			taken[c.Node] = taken[c.Node] || taken[n]
		}
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		if nodes[i].leaves() && !taken[nodes[i]] {
			continue
		}
		if err := nodes[i].Activate(); err != nil {
			return err
		}
	}
	g.inactive.Store(false)
	return nil
}
