package blockmigration

import (
	"fmt"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Loader takes disks in, before the VM runs. It belongs to the incoming goroutine.
type Loader struct {
	graph  *block.Graph
	name   string      // of the last piece
	node   *block.Node // and its disk
	active bool        // the disks are this machine's
	buffer []byte
}

// NewLoader makes a loader into the disks of a machine.
func NewLoader(graph *block.Graph) *Loader { return &Loader{graph: graph} }

// Load reads one body up to and with its EOS.
func (l *Loader) Load(r *stream.Reader, version uint32) error {
	if version != wire.BlockVersion {
		return fmt.Errorf("unsupported version %d of the block section", version)
	}
	for {
		sector, flags := wire.SplitBlock(r.U64())
		if r.Err() != nil {
			return stream.EIO(r.Err())
		}
		switch {
		case flags&wire.BlockDevice != 0:
			if err := l.piece(r, sector, flags); err != nil {
				return err
			}
		case flags&(wire.BlockProgress|wire.BlockEOS) == 0:
			return fmt.Errorf("Unknown block migration flags: 0x%x", uint64(flags))
		}
		if flags&wire.BlockEOS != 0 {
			return nil
		}
	}
}

// piece takes one piece in. What is behind the end of the disk is nothing.
func (l *Loader) piece(r *stream.Reader, sector uint64, flags wire.BlockFlags) error {
	name := r.CountedString()
	if r.Err() != nil {
		return stream.EIO(r.Err())
	}
	if err := l.find(name); err != nil {
		return err
	}
	size := l.node.Size()
	if sector >= uint64(size+block.Sector-1)/block.Sector {
		return fmt.Errorf("block device %s ends before sector %d", name, sector)
	}
	at := int64(sector) * block.Sector
	n := min(wire.BlockPiece, size-at)
	if flags&wire.BlockZero != 0 {
		return l.node.WriteZeros(at, n)
	}
	if l.buffer == nil {
		l.buffer = make([]byte, wire.BlockPiece)
	}
	r.Full(l.buffer)
	if r.Err() != nil {
		return stream.EIO(r.Err())
	}
	return l.write(l.buffer[:n], at)
}

func (l *Loader) find(name string) error {
	if l.node != nil && l.name == name {
		return nil
	}
	if !l.active {
		// Whoever sends its disks leaves these alone.
		if err := l.graph.Activate(); err != nil {
			return err
		}
		l.active = true
	}
	node := l.graph.Find(name)
	if node == nil {
		return fmt.Errorf("Error unknown block device %s", name)
	}
	if node.Size() <= 0 {
		return fmt.Errorf("Error getting length of block device %s", name)
	}
	// A destination's disks are another's until its VM runs; one that comes
	// with the stream is nobody's but its own.
	if err := node.ActivateAll(); err != nil {
		return err
	}
	l.name, l.node = name, node
	return nil
}

// zeroRun is how long a run of zeros must be to be written as one, in bytes:
// images keep room by such pieces.
const zeroRun = 64 << 10

// write writes p to at; zeros that images need no room for go as such.
func (l *Loader) write(p []byte, at int64) error {
	for len(p) > 0 {
		n := min(zeroRun, len(p))
		zero := allZero(p[:n])
		for n < len(p) {
			next := min(zeroRun, len(p)-n)
			if allZero(p[n:n+next]) != zero {
				break
			}
			n += next
		}
		if err := l.put(p[:n], at, zero); err != nil {
			return err
		}
		p, at = p[n:], at+int64(n)
	}
	return nil
}

func (l *Loader) put(p []byte, at int64, zero bool) error {
	if zero {
		return l.node.WriteZeros(at, int64(len(p)))
	}
	_, err := l.node.WriteAt(p, at)
	return err
}
