package blockmigration

import (
	"bytes"
	"slices"

	"qmpmigrate/core/block"
	"qmpmigrate/core/wire"
)

// disk is one that goes.
type disk struct {
	name  string
	node  *block.Node
	size  int64
	dirty *block.Bitmap // what the VM wrote since it went
	next  int64         // the first byte that has not had its turn
}

// maxName is the longest name that the stream has room for, in bytes.
const maxName = 255

// disksOf lists the disks that go: those that can be written. One that has no
// name as a drive goes by that of its node, which is what our own destination
// knows it by as well.
func disksOf(g *block.Graph) (disks []*disk) {
	for _, b := range g.Backends() {
		if b.Node == nil || b.Node.ReadOnly() {
			continue
		}
		if slices.ContainsFunc(disks, func(d *disk) bool { return d.node == b.Node }) {
			continue
		}
		d := &disk{name: b.Name, node: b.Node, size: b.Node.Size()}
		if d.name == "" {
			d.name = b.Node.Name()
		}
		if d.size == 0 || len(d.name) > maxName {
			continue
		}
		d.dirty = block.NewBitmap("", wire.BlockPiece, d.size)
		d.dirty.SetState(func(s *block.State) { s.Enabled = true })
		disks = append(disks, d)
	}
	return disks
}

// read fills piece with what is at at, zeros behind the end of the disk. zero
// says whether it is all zeros.
func (d *disk) read(piece []byte, at int64) (zero bool, err error) {
	n := min(int64(len(piece)), d.size-at)
	clear(piece[n:])
	if e, err := d.node.Extent(at, n); err != nil {
		return false, err
	} else if e.Zero && e.Length >= n {
		clear(piece[:n])
		return true, nil
	}
	if _, err := d.node.ReadAt(piece[:n], at); err != nil {
		return false, err
	}
	return allZero(piece[:n]), nil
}

// skip passes over what the image does not keep itself.
func (d *disk) skip() error {
	for d.next < d.size {
		e, err := d.node.Extent(d.next, d.size-d.next)
		if err != nil {
			return err
		}
		if e.Allocated || e.Length <= 0 {
			return nil
		}
		d.next += e.Length
	}
	return nil
}

// allZero says whether p, which is not empty, is zeros only.
func allZero(p []byte) bool { return p[0] == 0 && bytes.Equal(p[1:], p[:len(p)-1]) }
