package schema

import (
	"errors"
	"testing"
)

// FuzzLoad: whatever is in the file, there is a schema or an error with a place.
func FuzzLoad(f *testing.F) {
	f.Add(everything)
	f.Add("{ 'include': 's.json' }")
	f.Add("##\n# @Foo:\n##\n{ 'struct': 'Foo', 'base': 'Foo', 'data': { '*a': [ 'Foo' ] } }")
	f.Add("{'union':{'union':'x'}}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := load(text)
		if err == nil {
			for _, m := range s.Modules {
				for _, def := range m.Defs {
					for _, ref := range Refs(def) {
						if ref.Type == nil {
							t.Fatalf("%s is not resolved", ref.Name)
						}
					}
				}
			}
			return
		}
		if e, ok := errors.AsType[*Error](err); !ok || e.Pos.Line < 1 {
			t.Fatalf("%#v", err)
		}
	})
}
