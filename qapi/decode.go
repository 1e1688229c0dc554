package qapi

import (
	"slices"
	"strconv"

	"qmpmigrate/qapi/qobject"
)

// cursor walks one tree of arguments. The first error sticks: after it every call does nothing, so that decoders need
// not look at errors at each step.
type cursor struct {
	policy *Policy
	err    *Error
	path   []step // from the arguments to the value at hand
}

// step is a member's name, or an index when list is set.
type step struct {
	name  string
	index int
	list  bool
}

func (c *cursor) fail(format string, a ...any) {
	if c.err == nil {
		c.err = Errorf(format, a...)
	}
}

// admit fails when the policy does not admit something with some features.
func (c *cursor) admit(f Features, what, name string) {
	if err := c.policy.Admit(f, GenericError, what, name); err != nil && c.err == nil {
		c.err = AsError(err)
	}
}

func (c *cursor) enter(name string) { c.path = append(c.path, step{name: name}) }
func (c *cursor) at(index int)      { c.path = append(c.path, step{index: index, list: true}) }
func (c *cursor) leave()            { c.path = c.path[:len(c.path)-1] }

// where returns the path to the value at hand, such as "channels[0].addr.port".
func (c *cursor) where() string {
	var b []byte
	for i, s := range c.path {
		switch {
		case s.list:
			b = append(strconv.AppendInt(append(b, '['), int64(s.index), 10), ']')
		case i > 0:
			b = append(append(b, '.'), s.name...)
		default:
			b = append(b, s.name...)
		}
	}
	return string(b)
}

// name returns the last component alone, which is all that some messages show. List elements have none: "null".
func (c *cursor) name() string {
	if n := len(c.path); n > 0 && !c.path[n-1].list {
		return c.path[n-1].name
	}
	return "null"
}

// mistyped is the failure of a value that is not of the expected JSON type.
func (c *cursor) mistyped(expected string) {
	c.fail("Invalid parameter type for '%s', expected: %s", c.where(), expected)
}

// noAlternative is the failure of a value that is of none of the types of an alternate. QEMU knows no place for an
// element of a list then.
func (c *cursor) noAlternative(expected string) {
	name := "null"
	if n := len(c.path); n > 0 && !c.path[n-1].list {
		name = c.path[n-1].name
	}
	c.fail("Invalid parameter type for '%s', expected: %s", name, expected)
}

// object is one JSON object on the way through its members. Members are read in the order of the schema; what was
// not read when the end is reached is unexpected.
type object struct {
	c    *cursor
	dict *qobject.Dict
	seen []string
}

// object starts on the value at hand. After a failure it returns an object whose members cannot be read.
func (c *cursor) object(v any) *object {
	d, ok := v.(*qobject.Dict)
	if !ok {
		c.mistyped("object")
	}
	return &object{c: c, dict: d}
}

// take looks up a member.
func (o *object) take(name string) (any, bool) {
	if o.c.err != nil || o.dict == nil {
		return nil, false
	}
	v, ok := o.dict.Get(name)
	if ok {
		o.seen = append(o.seen, name)
	}
	return v, ok
}

// restrict fails when the policy does not admit a member with some features; one that may be absent must be there.
func (o *object) restrict(name string, f Features, optional bool) {
	if o.c.err == nil && (!optional || o.dict.Has(name)) {
		o.c.admit(f, "parameter", name)
	}
}

// end fails if there are members that were not read, and names the first of them.
func (o *object) end() {
	if o.c.err != nil || o.dict == nil || len(o.seen) == o.dict.Len() {
		return
	}
	for _, name := range o.dict.Keys() {
		if !slices.Contains(o.seen, name) {
			o.c.enter(name)
			o.c.fail("Parameter '%s' is unexpected", o.c.where())
			o.c.leave()
			return
		}
	}
}
