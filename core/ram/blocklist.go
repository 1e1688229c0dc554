package ram

import (
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
)

// Limits on what a source may announce.
const (
	// maxBlocks bounds the block list: real machines have tens.
	maxBlocks = 4096
	// maxTotal bounds the announced memory: 64 TiB.
	maxTotal = 1 << 46
)

// list reads the block list of the START body.
func (l *Loader) list(r *stream.Reader, total uint64) error {
	if total > maxTotal {
		return fmt.Errorf("announced RAM of %d bytes is more than this server takes", total)
	}
	for total > 0 {
		name := r.CountedString()
		used := r.U64()
		if r.Err() != nil {
			return eio(r.Err())
		}
		if used > total || used == 0 || used%memory.PageSize != 0 || len(l.blocks) == maxBlocks {
			return fmt.Errorf("bad length 0x%x of RAM block %q", used, name)
		}
		if _, ok := l.blocks[name]; ok {
			return fmt.Errorf("RAM block %q is listed twice", name)
		}
		b, err := l.target.Block(name, used)
		if err != nil {
			return err
		}
		l.blocks[name] = b
		total -= used
	}
	return nil
}
