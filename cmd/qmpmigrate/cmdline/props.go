package cmdline

import "qmpmigrate/qapi/qobject"

// Props are the properties of a machine, as key=value text. The machine reads those it knows, by type, and then calls
// Finish, which returns the first error: a value of the wrong form, or a property nobody read.
//
//	rate := props.Uint("rate", 0)
//	set := props.Size("working-set", 64<<20)
//	if err := props.Finish("memtest"); err != nil {
type Props struct{ tree *tree }

// NewProps returns the properties of text such as "rate=100,working-set=1M", for tests and for machines made without
// a command line.
func NewProps(text string) (*Props, error) {
	dict, _, err := ParseKeyval(text, "")
	if err != nil {
		return nil, err
	}
	return &Props{newTree(dict, true)}, nil
}

// Has tells whether a property was given. It does not count as read.
func (p *Props) Has(name string) bool { return p.tree.dict.Has(name) }

// String reads any text.
func (p *Props) String(name, def string) string { return otherwise(def)(p.tree.string(name)) }

// Bool reads on or off.
func (p *Props) Bool(name string, def bool) bool { return otherwise(def)(p.tree.bool(name)) }

// Int reads a whole number, in C's notation.
func (p *Props) Int(name string, def int64) int64 { return otherwise(def)(p.tree.int(name)) }

// Uint reads a number that is not negative, in C's notation.
func (p *Props) Uint(name string, def uint64) uint64 {
	text, ok := p.tree.string(name)
	if !ok {
		return def
	}
	digits, negative := signed(text)
	value, err := magnitude(digits)
	if err != nil || negative {
		p.tree.fail(expects(name, "a non-negative integer"))
		return def
	}
	return value
}

// Size reads a number of bytes, perhaps with a suffix such as M.
func (p *Props) Size(name string, def uint64) uint64 { return otherwise(def)(p.tree.size(name)) }

// Enum reads one of values.
func (p *Props) Enum(name, def string, values ...string) string {
	return otherwise(def)(p.tree.enum(name, values...))
}

// Failf records an error that the caller found in a value; the first error of all counts.
func (p *Props) Failf(format string, args ...any) { p.tree.fail(fail(format, args...)) }

// Finish returns the first error, or one about a property that was given and never read; those that every machine of
// QEMU has are in order. typeName is the machine's type, as in "Property 'memtest-machine.foo' not found".
func (p *Props) Finish(typeName string) error {
	p.readCommon()
	if names := p.tree.unknown(); len(names) > 0 {
		p.tree.fail(fail("Property '%s-machine.%s' not found", typeName, names[0]))
	}
	return *p.tree.err
}

// Dict returns everything that -machine, -smp, -m and -boot said, as text.
func (p *Props) Dict() *qobject.Dict { return p.tree.dict }

func otherwise[T any](def T) func(value T, ok bool) T {
	return func(value T, ok bool) T {
		if ok {
			return value
		}
		return def
	}
}
