package block

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Backend is how a guest and a migration know a disk: by the id of a drive
// ("ide0-hd0"), or by the node alone where the drive has none.
type Backend struct {
	// Name is the id of the drive, empty for a disk that a device uses by its node.
	Name string
	// Node is the root of the disk.
	Node *Node
	// Device is the id or path of the device that uses it, empty for none.
	Device string
}

// Graph is all disks of a machine. The zero value has none. Its methods may be
// called from any goroutine.
type Graph struct {
	mu       sync.Mutex
	nodes    []*Node
	backends []Backend
}

// AddNode puts a node into the graph, whose name must not be taken.
func (g *Graph) AddNode(n *Node) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.node(n.name) != nil {
		return fmt.Errorf("Duplicate nodes with node-name='%s'", n.name)
	}
	g.nodes = append(g.nodes, n)
	return nil
}

// RemoveNode takes a node that no backend uses out of the graph and closes it.
func (g *Graph) RemoveNode(name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.node(name)
	switch {
	case n == nil:
		return fmt.Errorf("Failed to find node with node-name='%s'", name)
	case slices.ContainsFunc(g.backends, func(b Backend) bool { return b.Node == n }):
		return fmt.Errorf("Node %s is in use", name)
	}
	g.nodes = slices.DeleteFunc(g.nodes, func(other *Node) bool { return other == n })
	return n.Close()
}

// AddBackend adds a disk whose node is in the graph.
func (g *Graph) AddBackend(b Backend) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.backends = append(g.backends, b)
}

// Node finds a node by its name, nil where there is none.
func (g *Graph) Node(name string) *Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.node(name)
}

func (g *Graph) node(name string) *Node {
	for _, n := range g.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// Find finds the node of a backend of that name, or else the node itself.
func (g *Graph) Find(name string) *Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, b := range g.backends {
		if b.Name == name && name != "" {
			return b.Node
		}
	}
	return g.node(name)
}

// Nodes lists all nodes, those that were added last first, as QEMU does.
func (g *Graph) Nodes() []*Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := slices.Clone(g.nodes)
	slices.Reverse(list)
	return list
}

// Backends lists all disks in the order in which they were added.
func (g *Graph) Backends() []Backend {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.backends)
}

// Flush makes all that was written safe.
func (g *Graph) Flush() error {
	var errs []error
	for _, n := range g.Nodes() {
		errs = append(errs, n.Flush())
	}
	return errors.Join(errs...)
}

// Close closes all nodes.
func (g *Graph) Close() error {
	var errs []error
	for _, n := range g.Nodes() {
		errs = append(errs, n.Close())
	}
	return errors.Join(errs...)
}
