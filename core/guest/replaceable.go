package guest

// Replaceable is a Machine that is what is loaded into it: another one, loaded
// beside it, can take its place.
type Replaceable interface {
	Machine
	// Another makes an empty machine of the same kind.
	Another() Machine
	// Replace makes the machine what other is, one of Another's, which is
	// empty afterwards. Blocks that somebody still holds read as zeros.
	Replace(other Machine) error
}
