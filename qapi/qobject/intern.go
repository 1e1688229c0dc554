package qobject

// internMax is the length up to which strings are remembered: member and command names are shorter.
const internMax = 32

// interner remembers short strings that were read lately, already boxed, because requests repeat the same few names.
type interner struct {
	slots [64]any
}

// box returns b as a string value.
func (n *interner) box(b []byte) any {
	if len(b) == 0 || len(b) > internMax {
		return string(b)
	}
	slot := &n.slots[(len(b)*37+int(b[0])*5+int(b[len(b)/2])*11+int(b[len(b)-1]))%len(n.slots)]
	if s, ok := (*slot).(string); ok && s == string(b) {
		return *slot
	}
	*slot = string(b)
	return *slot
}
