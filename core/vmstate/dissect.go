package vmstate

import (
	"encoding/binary"
	"fmt"
	"strings"

	"qmpmigrate/core/wire"
)

// maxNodes bounds what a dissected device costs in memory. Arrays of numbers
// are one node; QEMU's largest devices have a few thousand.
const maxNodes = 1 << 17

// Dissect takes the body of a FULL section apart by its description. Every
// byte belongs to a field or to the frame of a subsection; bytes that are
// missing or left over are a *DissectError, but for what a description cannot
// tell, see hollow. The nodes share memory with body.
func Dissect(desc *DeviceDesc, body []byte) (*Node, error) {
	d := dissector{body: body, left: maxNodes}
	root := newRoot(desc, body)
	err := d.state(&desc.StateDesc, root)
	if err == nil && d.pos != len(body) {
		err = fmt.Errorf("%d bytes are left over", len(body)-d.pos)
	}
	if err == nil {
		return root, nil
	}
	if root := dissectHollow(desc, body); root != nil {
		return root, nil
	}
	return nil, &DissectError{desc.Name, desc.Instance, strings.Join(d.path, "."), d.pos, err}
}

func newRoot(desc *DeviceDesc, body []byte) *Node {
	return &Node{Name: desc.Name, Type: TypeDevice, Version: desc.Version, Index: -1, Count: 1, Size: len(body), Raw: body}
}

type dissector struct {
	body []byte
	pos  int
	left int      // nodes that may still be made
	path []string // names of the fields around pos; kept as it is on an error
}

// state takes the fields and subsections of s as children of parent.
func (d *dissector) state(s *StateDesc, parent *Node) error {
	for i := range s.Fields {
		f := &s.Fields[i]
		d.path = append(d.path, f.Name)
		if err := d.field(f, boundRun(s.Fields, i), parent); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	for i := range s.Subsections {
		sub := &s.Subsections[i]
		d.path = append(d.path, sub.VMSD)
		if err := d.subsection(sub, parent); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	return nil
}

// boundRun is how many elements field i stands for. Of an array of pointers
// QEMU 10.0 tells the whole length with the first run although runs of
// nullptr and others follow under the same name.
func boundRun(fields []FieldDesc, i int) int64 {
	f, rest, mixed := &fields[i], int64(0), false
	for k := i + 1; k < len(fields) && fields[k].Name == f.Name; k++ {
		rest += min(fields[k].Len, f.Len)
		mixed = mixed || fields[k].Type == typeNull
	}
	if f.Type != typeNull && mixed && rest < f.Len {
		return f.Len - rest
	}
	return f.Len
}

func (d *dissector) field(f *FieldDesc, count int64, parent *Node) error {
	if f.Struct == nil || f.Struct.empty() {
		return d.leaf(f, count, parent)
	}
	for i := range count {
		index := f.Index
		if count > 1 {
			index = i
		}
		if err := d.structure(f, index, parent); err != nil {
			return err
		}
		if f.Size == 0 {
			break // more of them would add nothing
		}
	}
	return nil
}

func (d *dissector) structure(f *FieldDesc, index int64, parent *Node) error {
	n, err := d.open(parent, f.Name, f.Type, index)
	if err != nil {
		return err
	}
	n.Version = f.Struct.Version
	if err := d.state(f.Struct, n); err != nil {
		return err
	}
	d.close(n)
	if int64(n.Size) != f.Size {
		return fmt.Errorf("size %d is described, the fields take %d", f.Size, n.Size)
	}
	return nil
}

// leaf takes count elements of f.Size bytes without looking into them, but for
// what inline tells of them.
func (d *dissector) leaf(f *FieldDesc, count int64, parent *Node) error {
	left := int64(len(d.body) - d.pos)
	if f.Size > left || f.Size > 0 && count > left/f.Size {
		return fmt.Errorf("%d times %d bytes are described, %d are there", count, f.Size, left)
	}
	n, err := d.open(parent, f.Name, f.Type, f.Index)
	if err != nil {
		return err
	}
	n.Count = count
	d.pos += int(count * f.Size)
	d.close(n)
	if count == 1 && len(f.Inline) > 0 {
		d.inline(f, n)
	}
	return nil
}

func (d *dissector) subsection(s *StateDesc, parent *Node) error {
	frame := wire.AppendCounted([]byte{marker}, s.VMSD[:min(len(s.VMSD), wire.MaxName)])
	frame = binary.BigEndian.AppendUint32(frame, s.Version)
	if rest := d.body[d.pos:]; len(rest) < len(frame) {
		return fmt.Errorf("subsection of %d bytes or more is described, %d are there", len(frame), len(rest))
	} else if string(rest[:len(frame)]) != string(frame) {
		return fmt.Errorf("no subsection of this name and version %d here", s.Version)
	}
	n, err := d.open(parent, s.VMSD, TypeSubsection, -1)
	if err != nil {
		return err
	}
	n.Version = s.Version
	d.pos += len(frame)
	if err := d.state(s, n); err != nil {
		return err
	}
	d.close(n)
	return nil
}

// open adds a child to parent; it is good until the next child of parent.
func (d *dissector) open(parent *Node, name, typ string, index int64) (*Node, error) {
	if d.left == 0 {
		return nil, fmt.Errorf("more than %d fields", maxNodes)
	}
	d.left--
	parent.Children = append(parent.Children, Node{Name: name, Type: typ, Index: index, Count: 1, Offset: d.pos})
	return &parent.Children[len(parent.Children)-1], nil
}

func (d *dissector) close(n *Node) {
	n.Size = d.pos - n.Offset
	n.Raw = d.body[n.Offset:d.pos:d.pos]
}
