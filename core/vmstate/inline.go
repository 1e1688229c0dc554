package vmstate

import "encoding/binary"

// inline looks into what f's description tells of the inside of n: vstruct,
// tmp, lists and trees. Such descriptions can be incomplete; then n stays one
// piece, since its size alone is sure.
func (d *dissector) inline(f *FieldDesc, n *Node) {
	inside := dissector{body: d.body[:d.pos], pos: n.Offset, left: d.left}
	defer func() { d.left = inside.left }()
	ok := false
	switch f.Type {
	case "qtailq", "qlist":
		ok = inside.list(f, n, 1, 0)
	case "gtree":
		ok = inside.tree(f, n)
	default:
		if len(f.Inline) == 1 {
			n.Version = f.Inline[0].Version
			ok = inside.state(&f.Inline[0], n) == nil
		}
	}
	if !ok || inside.pos != d.pos {
		n.Children = nil
	}
}

// list takes elements, each behind a mark and a key of keySize bytes and made
// of parts descriptions, and the end mark.
func (d *dissector) list(f *FieldDesc, n *Node, parts, keySize int) bool {
	for i := 0; i+parts <= len(f.Inline); i += parts {
		if d.pos+1+keySize > len(d.body) || d.body[d.pos] != listNext {
			return false
		}
		e, err := d.open(n, f.Name, TypeElement, int64(i/parts))
		if err != nil {
			return false
		}
		d.pos += 1 + keySize
		for k := range parts {
			if d.state(&f.Inline[i+k], e) != nil {
				return false
			}
		}
		d.close(e)
	}
	if d.pos >= len(d.body) || d.body[d.pos] != listEnd {
		return false
	}
	d.pos++
	return true
}

// tree tells from the number of nodes whether keys are numbers or described
// like the values.
func (d *dissector) tree(f *FieldDesc, n *Node) bool {
	const numberKey = 8
	if len(d.body)-d.pos < 4 {
		return false
	}
	nodes := int64(binary.BigEndian.Uint32(d.body[d.pos:]))
	d.pos += 4
	switch int64(len(f.Inline)) {
	case nodes:
		return d.list(f, n, 1, numberKey)
	case 2 * nodes:
		return d.list(f, n, 2, 0)
	}
	return false
}
