package vmstate

import "slices"

// hollow says whether f stands for an array of pointers of which the first is
// nil. QEMU describes arrays by their first element, before 10.0 even those
// whose elements differ: of the others nothing is known but that each is one
// byte or more.
func hollow(f FieldDesc) bool {
	return f.Len > 1 && f.Size == 1 && f.Struct != nil && f.Struct.empty()
}

// dissectHollow is Dissect for a body that does not fit its description, where
// that may be because of a hollow array: what follows belongs to it, to its end.
// It is nil where there is none, or where what comes before it does not fit.
func dissectHollow(desc *DeviceDesc, body []byte) *Node {
	at := slices.IndexFunc(desc.Fields, hollow)
	if at < 0 {
		return nil
	}
	d := dissector{body: body, left: maxNodes}
	root := newRoot(desc, body)
	if d.state(&StateDesc{Fields: desc.Fields[:at]}, root) != nil {
		return nil
	}
	f := &desc.Fields[at]
	n, err := d.open(root, f.Name, f.Type, f.Index)
	if err != nil || int64(len(body)-d.pos) < f.Len {
		return nil
	}
	n.Count, d.pos = f.Len, len(body)
	d.close(n)
	return root
}
