package block

import (
	"errors"
	"slices"
)

func (g *Graph) node(name string) *Node {
	for _, n := range g.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// backend is the place of a drive, -1 where there is none of that name.
func (g *Graph) backend(name string) int {
	if name == "" {
		return -1
	}
	return slices.IndexFunc(g.backends, func(b Backend) bool { return b.Name == name })
}

// attached says whether a drive or a device uses n itself.
func (g *Graph) attached(n *Node) bool {
	return slices.ContainsFunc(g.backends, func(b Backend) bool { return b.Node == n })
}

// used says whether another node uses n.
func (g *Graph) used(n *Node) bool {
	return slices.ContainsFunc(g.nodes, func(parent *Node) bool {
		return slices.ContainsFunc(parent.children, func(c Child) bool { return c.Node == n })
	})
}

// drop takes n out of the graph unless something needs it, and then its
// children likewise. What it gives is to be closed, in that order.
func (g *Graph) drop(n *Node) (gone []*Node) {
	if g.attached(n) || g.used(n) || g.owned[n] {
		return nil
	}
	g.nodes = slices.DeleteFunc(g.nodes, func(other *Node) bool { return other == n })
	gone = append(gone, n)
	for _, c := range n.children {
		gone = append(gone, g.drop(c.Node)...)
	}
	return gone
}

// parentsFirst lists all nodes so that each comes before those that it uses.
func (g *Graph) parentsFirst() []*Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	seen := map[*Node]bool{}
	var list []*Node
	var visit func(n *Node)
	visit = func(n *Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, c := range n.children {
			visit(c.Node)
		}
		list = append(list, n)
	}
	for _, n := range g.nodes {
		visit(n)
	}
	slices.Reverse(list)
	return list
}

func closeAll(nodes []*Node) error {
	var errs []error
	for _, n := range nodes {
		errs = append(errs, n.Close())
	}
	return errors.Join(errs...)
}
