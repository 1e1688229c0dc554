package qom

import (
	"slices"
	"strings"

	"qmpmigrate/qapi"
)

// Node is an object in its place in the tree.
type Node struct {
	Name     string
	Object   Object
	Children []*Node
}

// Container is a node that only holds others.
func Container(name string, children ...*Node) *Node {
	return &Node{Name: name, Object: Plain("container"), Children: children}
}

// Plain is an object that has a type and nothing else.
type Plain string

// TypeName is its type.
func (p Plain) TypeName() string { return string(p) }

// Properties are none.
func (p Plain) Properties() []Property { return nil }

// Resolve finds a node by its path from n, which is the root, or by the end of
// a path where that is the end of one path only.
func (n *Node) Resolve(path string) (*Node, error) {
	steps := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
	var found []*Node
	if strings.HasPrefix(path, "/") {
		if node := n.below(steps); node != nil {
			return node, nil
		}
	} else {
		found = n.endingIn(steps)
	}
	switch len(found) {
	case 0:
		return nil, qapi.ClassErrorf(qapi.DeviceNotFound, "Device '%s' not found", path)
	case 1:
		return found[0], nil
	}
	return nil, qapi.Errorf("Path '%s' is ambiguous", path)
}

func (n *Node) below(steps []string) *Node {
	for _, s := range steps {
		i := slices.IndexFunc(n.Children, func(c *Node) bool { return c.Name == s })
		if i < 0 {
			return nil
		}
		n = n.Children[i]
	}
	return n
}

// endingIn finds all nodes below some node by steps.
func (n *Node) endingIn(steps []string) (found []*Node) {
	if node := n.below(steps); node != nil {
		found = append(found, node)
	}
	for _, c := range n.Children {
		found = append(found, c.endingIn(steps)...)
	}
	return found
}

// List tells the node's properties, and the nodes below it.
func (n *Node) List() []qapi.ObjectPropertyInfo {
	list := []qapi.ObjectPropertyInfo{{Name: "type", Type: "string"}}
	for _, p := range n.Object.Properties() {
		list = append(list, qapi.ObjectPropertyInfo{Name: p.Name, Type: p.Type})
	}
	for _, c := range n.Children {
		list = append(list, qapi.ObjectPropertyInfo{Name: c.Name, Type: "child<" + c.Object.TypeName() + ">"})
	}
	return list
}

// Get reads a property; that of a node below is its path.
func (n *Node) Get(path, name string) (any, error) {
	if name == "type" {
		return n.Object.TypeName(), nil
	}
	if n.below([]string{name}) != nil {
		return strings.TrimSuffix(path, "/") + "/" + name, nil
	}
	p, err := n.property(name)
	if err != nil {
		return nil, err
	}
	if p.Get == nil {
		return nil, qapi.Errorf("Property '%s.%s' is not readable", n.Object.TypeName(), name)
	}
	return p.Get(), nil
}

// Set changes a property.
func (n *Node) Set(name string, value any) error {
	if name == "type" {
		return n.readOnly(name)
	}
	p, err := n.property(name)
	if err != nil {
		return err
	}
	if p.Set == nil {
		return n.readOnly(name)
	}
	return p.Set(value)
}

func (n *Node) readOnly(name string) error {
	return qapi.Errorf("Property '%s.%s' is not writable", n.Object.TypeName(), name)
}

func (n *Node) property(name string) (Property, error) {
	p, ok := find(n.Object.Properties(), name)
	if !ok {
		return p, qapi.Errorf("Property '%s.%s' not found", n.Object.TypeName(), name)
	}
	return p, nil
}
