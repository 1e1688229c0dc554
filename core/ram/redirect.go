package ram

import "qmpmigrate/core/memory"

// Redirect makes the pages that come from now on go to other blocks: to gives
// the one that stands for a block, which has the same size and contents.
func (l *Loader) Redirect(to func(*memory.Block) *memory.Block) {
	l.ahead.close()
	l.ahead = newAhead()
	for name, b := range l.blocks {
		l.blocks[name] = to(b)
	}
	if l.last != nil {
		l.last = to(l.last)
	}
}
