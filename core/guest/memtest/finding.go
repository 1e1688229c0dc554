package memtest

import "fmt"

// Kind is what is wrong with a page.
type Kind uint8

const (
	// Stale: the page as an earlier visit left it.
	Stale Kind = iota
	// Torn: the page does not agree with its own checksum. Two generations
	// are mixed, or it was damaged.
	Torn
	// Swapped: a good page, but another one's.
	Swapped
	// Lost: zeros where contents belong, and nobody ever wrote the page here.
	Lost
	// Zeroed: zeros where contents belong, in a page that was written.
	Zeroed
	// Ahead: a visit is in the page that the vCPU's state does not know of.
	Ahead

	kinds = iota
)

var kindNames = [kinds]string{"stale", "torn", "swapped", "lost", "zeroed", "ahead"}

func (k Kind) String() string { return kindNames[k] }

// Finding is one page that is not what it must be.
type Finding struct {
	Page uint64 // its number in RAM
	Kind Kind
	// Expected and Found are generations: how often the page was visited.
	// Under sweep they are byte 0 of the page. Found means nothing for
	// Lost and Zeroed, and little for Torn.
	Expected, Found uint64
	// Other is the number of the page that is in this one's place, for Swapped.
	Other uint64
}

func (f Finding) String() string {
	switch f.Kind {
	case Swapped:
		return fmt.Sprintf("page 0x%x: %s: holds page 0x%x", f.Page, f.Kind, f.Other)
	case Stale, Ahead:
		return fmt.Sprintf("page 0x%x: %s: generation %d, expected %d", f.Page, f.Kind, f.Found, f.Expected)
	}
	return fmt.Sprintf("page 0x%x: %s", f.Page, f.Kind)
}
