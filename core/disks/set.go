package disks

import (
	"sync"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/images"
	"qmpmigrate/qapi"
)

// Set is the disks of a machine. Its methods may be called from any goroutine.
type Set struct {
	graph *block.Graph
	warn  func(text string)

	mu     sync.Mutex // held while nodes and drives come and go
	nodes  map[*block.Node]settings
	drives []drive
}

// settings are what was asked for with a node, and is only shown.
type settings struct {
	direct, noFlush bool
	detectZeroes    qapi.BlockdevDetectZeroesOptions
}

// drive is a disk as a guest has it: one of the command line's drives, or what
// a device made of a node.
type drive struct {
	id           string // empty for a device's own
	node         *block.Node
	device       string
	bus          string
	cdrom        bool
	writethrough bool
	stats        *block.Stats
}

// New makes a set of the disks of a graph, which changes only through it. warn
// gets what people should know.
func New(graph *block.Graph, warn func(text string)) *Set {
	return &Set{graph: graph, warn: warn, nodes: map[*block.Node]settings{}}
}

// Graph is what the set is about.
func (s *Set) Graph() *block.Graph { return s.graph }

// opener opens images as the VM is now: those of one that is elsewhere are left alone.
func (s *Set) opener() *images.Opener {
	return &images.Opener{Graph: s.graph, Inactive: s.graph.Inactive(), Warn: s.warn}
}

// drive finds a drive by its id.
func (s *Set) drive(id string) *drive {
	for i := range s.drives {
		if s.drives[i].id == id && id != "" {
			return &s.drives[i]
		}
	}
	return nil
}

// nameOf is how errors call a node: by its drive where it has one.
func (s *Set) nameOf(n *block.Node) string {
	for _, d := range s.drives {
		if d.node == n && d.id != "" {
			return d.id
		}
	}
	return n.Name()
}

// lookup finds a node by the name of a drive or its own.
func (s *Set) lookup(name string) (*block.Node, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.drive(name); d != nil {
		if d.node == nil {
			return nil, qapi.Errorf("Device '%s' has no medium", name)
		}
		return d.node, nil
	}
	if n := s.graph.Node(name); n != nil {
		return n, nil
	}
	return nil, qapi.Errorf("Cannot find device='%s' nor node-name='%s'", name, name)
}
