package block

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
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
	// Stats counts what the guest does with it; those of a Backend in a graph are there.
	Stats *Stats
}

// Graph is all disks of a machine. The zero value has none. Its methods may be
// called from any goroutine.
type Graph struct {
	mu       sync.Mutex
	nodes    []*Node
	backends []Backend
	// owned are the nodes that a user added by name, who alone removes them;
	// the others live as long as something uses them.
	owned map[*Node]bool
	// names counts the names that were made up.
	names uint64
	// inactive is set from Inactivate to Activate.
	inactive atomic.Bool
}

// AddNode puts a node into the graph, whose name must not be taken, for a user
// who is to remove it.
func (g *Graph) AddNode(n *Node) error {
	return g.AddNodes([]*Node{n}, n)
}

// AddNodes puts nodes into the graph, all or none. owned is that which a user
// is to remove, nil for none; the others go with the last that uses them.
func (g *Graph) AddNodes(nodes []*Node, owned *Node) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, n := range nodes {
		if err := g.free(n.name); err != nil {
			return err
		}
	}
	g.nodes = append(g.nodes, nodes...)
	if owned != nil {
		if g.owned == nil {
			g.owned = map[*Node]bool{}
		}
		g.owned[owned] = true
	}
	return nil
}

// Free says why a name cannot be that of a further node.
func (g *Graph) Free(name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.free(name)
}

func (g *Graph) free(name string) error {
	switch {
	case g.backend(name) >= 0:
		return fmt.Errorf("node-name=%s is conflicting with a device id", name)
	case g.node(name) != nil:
		return fmt.Errorf("Duplicate nodes with node-name='%s'", name)
	}
	return nil
}

// MadeUpName is a name for a node that was given none, and which no user can
// give: a number that goes up, and two digits by chance.
func (g *Graph) MadeUpName() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.names++
	return fmt.Sprintf("#block%d%02d", g.names-1, rand.IntN(100))
}

// RemoveNode takes a node that a user added, and which nothing uses, out of the
// graph and closes it, with those that nothing else uses.
func (g *Graph) RemoveNode(name string) error {
	g.mu.Lock()
	n := g.node(name)
	var err error
	switch {
	case n == nil:
		err = fmt.Errorf("Failed to find node with node-name='%s'", name)
	case g.attached(n):
		err = fmt.Errorf("Node %s is in use", name)
	case !g.owned[n]:
		err = fmt.Errorf("Node %s is not owned by the monitor", name)
	case g.used(n) || n.busy():
		err = fmt.Errorf("Block device %s is in use", name)
	}
	if err != nil {
		g.mu.Unlock()
		return err
	}
	delete(g.owned, n)
	gone := g.drop(n)
	g.mu.Unlock()
	return closeAll(gone)
}

// AddBackend adds a disk whose node is in the graph, with Stats of its own unless it brings some.
func (g *Graph) AddBackend(b Backend) {
	if b.Stats == nil {
		b.Stats = &Stats{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.backends = append(g.backends, b)
}

// Attach says which device uses a disk from now on: that of a drive, or a node,
// which gets a backend of its own with those stats. False where there is neither.
func (g *Graph) Attach(name, device string, stats *Stats) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := g.backend(name); i >= 0 {
		g.backends[i].Device = device
		return true
	}
	n := g.node(name)
	if n != nil {
		g.backends = append(g.backends, Backend{Node: n, Device: device, Stats: stats})
	}
	return n != nil
}

// RemoveBackend takes a drive out of the graph, and closes what only it used.
func (g *Graph) RemoveBackend(name string) error {
	g.mu.Lock()
	i := g.backend(name)
	if i < 0 {
		g.mu.Unlock()
		return fmt.Errorf("Device '%s' not found", name)
	}
	n := g.backends[i].Node
	g.backends = slices.Delete(g.backends, i, i+1)
	gone := g.drop(n)
	g.mu.Unlock()
	return closeAll(gone)
}

// Node finds a node by its name, nil where there is none.
func (g *Graph) Node(name string) *Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.node(name)
}

// Find finds the node of a backend of that name, or else the node itself.
func (g *Graph) Find(name string) *Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := g.backend(name); i >= 0 {
		return g.backends[i].Node
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
	for _, n := range g.parentsFirst() {
		errs = append(errs, n.Flush())
	}
	return errors.Join(errs...)
}

// Close closes all nodes.
func (g *Graph) Close() error { return closeAll(g.parentsFirst()) }
