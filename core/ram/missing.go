package ram

import "qmpmigrate/core/memory"

// Missing are the blocks of the list of which nothing came: their source left
// them out, as other machines of its host have their memory too.
func (l *Loader) Missing() (blocks []*memory.Block) {
	for _, b := range l.blocks {
		if !l.named[b] && !anyPopulated(b) {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

func anyPopulated(b *memory.Block) bool {
	for n := range b.Pages() {
		if b.Populated(n) {
			return true
		}
	}
	return false
}
