package cmdline

import (
	"fmt"
	"strconv"
	"time"

	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// Props are the properties of a machine or a device, as key=value text. The machine reads those it knows, by type, and then calls
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
	digits, negative := scalar.Signed(text)
	value, err := scalar.Magnitude(digits)
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

// Finish returns the first error, or one about a property that was given and never read; those that QEMU's machines
// have are in order. typeName is the machine's type, as in "Property 'memtest-machine.foo' not found".
func (p *Props) Finish(typeName string) error {
	p.readCommon(typeName)
	if names := p.tree.unknown(); len(names) > 0 {
		p.tree.fail(fail("Property '%s-machine.%s' not found", typeName, names[0]))
	}
	return *p.tree.err
}

// FinishDevice is Finish for the properties of a device of that model.
func (p *Props) FinishDevice(model string) error {
	if names := p.tree.unknown(); len(names) > 0 {
		p.tree.fail(fail("Property '%s.%s' not found", model, names[0]))
	}
	return *p.tree.err
}

// Duration reads a time such as 1480ms or 1.5s; a number is in milliseconds.
func (p *Props) Duration(name string, def time.Duration) time.Duration {
	raw, ok := p.tree.scalar(name)
	if !ok {
		return def
	}
	text := fmt.Sprint(raw)
	if ms, err := strconv.ParseUint(text, 10, 32); err == nil {
		return time.Duration(ms) * time.Millisecond
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		p.tree.fail(expects(name, "a time, such as 250ms or 1.5s"))
		return def
	}
	return d
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
