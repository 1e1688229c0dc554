package cmdline

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"qmpmigrate/qapi/scalar"
)

// kind is the type of a key's value in the QemuOpts grammar.
type kind uint8

const (
	kindString kind = iota
	kindBool
	kindNumber
	kindSize
)

// key is one name that a QemuOpts option knows.
type key struct {
	name string
	kind kind
}

// The tables of keys read best when a row is a call.

func str(name string) key     { return key{name, kindString} }
func boolean(name string) key { return key{name, kindBool} }
func number(name string) key  { return key{name, kindNumber} }
func size(name string) key    { return key{name, kindSize} }

// String returns the kind as lists of keys show it.
func (k kind) String() string {
	return [...]string{"<str>", "<bool (on/off)>", "<num>", "<size>"}[k]
}

// check reports a value that the key cannot take.
func (k key) check(value string) error {
	switch k.kind {
	case kindBool:
		if _, ok := scalar.Bool(value); !ok {
			return expects(k.name, "'on' or 'off'")
		}
	case kindNumber:
		if _, err := scalar.Uint(value); errors.Is(err, scalar.ErrRange) {
			return fail("Value '%s' is too large for parameter '%s'", value, k.name)
		} else if err != nil {
			return expects(k.name, "a number")
		}
	case kindSize:
		if _, err := scalar.Size(value); errors.Is(err, scalar.ErrRange) {
			return fail("Value '%s' is out of range for parameter '%s'", value, k.name)
		} else if err != nil {
			e := expects(k.name, "a non-negative number below 2^64")
			e.Hints = scalar.SizeHints()
			return e
		}
	}
	return nil
}

// spec says what one QemuOpts option understands.
type spec struct {
	name    string // of the list, as in "Duplicate ID 'c' for chardev"
	implied string // the key of a bare first word; empty for none
	keys    []key  // nil: any key is taken, with any value
	merge   bool   // repeats of the option write into one entry, which can have no id
}

// find returns the key of that name; a spec without keys knows every name.
func (s *spec) find(name string) (key, bool) {
	if s.keys == nil {
		return str(name), true
	}
	i := slices.IndexFunc(s.keys, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return s.keys[i], true
}

// help lists the keys, for a bare word "help".
func (s *spec) help() *Exit {
	lines := make([]string, 0, len(s.keys))
	for _, k := range s.keys {
		lines = append(lines, fmt.Sprintf("  %s=%s\n", k.name, k.kind))
	}
	slices.Sort(lines)
	return &Exit{Status: 1, Text: s.name + " options:\n" + strings.Join(lines, "")}
}
