package guest

import "qmpmigrate/core/memory"

// Partial is a Machine that may come without all of its memory: some is in
// files that whoever it goes to next maps, too.
type Partial interface {
	Machine
	// Lack says, once a stream was loaded, which blocks came without their memory.
	Lack(blocks []*memory.Block)
	// Lacks names one of them; empty where all memory is here.
	Lacks() string
}
