package vmstate

// Types of nodes beside those of fields.
const (
	TypeDevice     = "device"
	TypeSubsection = "subsection"
	TypeElement    = "element" // of a list, or node of a tree
)

// Node is a piece of a device section: the device itself, a field, an element
// of an array of structs, or a subsection.
type Node struct {
	Name     string
	Type     string // of the field as described, or one of the types above
	Version  uint32 // of a device or subsection, and of the description in a struct
	Index    int64  // of an element, -1 for what is none
	Count    int64  // values in Raw, one after the other; 1 for what is no array
	Offset   int    // of the first byte in the body
	Size     int    // bytes
	Raw      []byte // these bytes, shared with the body
	Children []Node // in the order of the body
}

// walk calls f for n and all below it.
func (n *Node) walk(f func(*Node)) {
	f(n)
	for i := range n.Children {
		n.Children[i].walk(f)
	}
}

// Nodes is how many nodes n has, itself included.
func (n *Node) Nodes() int {
	count := 0
	n.walk(func(*Node) { count++ })
	return count
}
