package schema

import (
	"fmt"
	"slices"
)

// maxNesting is how deep arrays and alternates lie in each other at most: QAPI has neither arrays of arrays nor
// alternates of alternates, and who walks through types shall come to an end.
const maxNesting = 3

// checkNesting refuses types that are nested too deeply, as those are that hold themselves. Objects may: nobody walks
// through them unasked.
func (s *Schema) checkNesting() error {
	deep := map[string]bool{}
	for name, e := range s.entities {
		deep[name] = len(e.inner()) > 0
	}
	for range maxNesting {
		var flat []string // but for what is around them
		for name, e := range s.entities {
			if deep[name] && !slices.ContainsFunc(e.inner(), func(i string) bool { return deep[i] }) {
				flat = append(flat, name)
			}
		}
		for _, name := range flat {
			deep[name] = false
		}
	}
	for name, is := range deep {
		if is {
			return fmt.Errorf("schema: type '%s' is nested too deeply", name)
		}
	}
	return nil
}

// inner names the types that an array or an alternate is made of.
func (e *entity) inner() []string {
	switch Kind(e.Meta) {
	case Array:
		return []string{e.ElementType}
	case Alternate:
		names := make([]string, 0, len(e.Members))
		for _, m := range e.Members {
			names = append(names, m.Type)
		}
		return names
	}
	return nil
}
