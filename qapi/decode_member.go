package qapi

import "qmpmigrate/qapi/qobject"

// valueFunc decodes the value that the cursor stands at.
type valueFunc[T any] func(c *cursor, v any) T

// required decodes a member that must be there.
func required[T any](o *object, name string, decode valueFunc[T]) (x T) {
	v, ok := o.take(name)
	o.c.enter(name)
	defer o.c.leave()
	if !ok {
		o.c.fail("Parameter '%s' is missing", o.c.where())
		return x
	}
	return decode(o.c, v)
}

// optional decodes a member that may be absent: nil. A null that is there is a value like any other.
func optional[T any](o *object, name string, decode valueFunc[T]) *T {
	v, ok := o.take(name)
	if !ok {
		return nil
	}
	o.c.enter(name)
	defer o.c.leave()
	return new(decode(o.c, v))
}

// optionalAny decodes a member of any type that may be absent: nil.
func optionalAny(o *object, name string) any {
	v, _ := o.take(name)
	return v
}

// requiredList decodes a list that must be there.
func requiredList[T any](o *object, name string, decode valueFunc[T]) []T {
	return required(o, name, func(c *cursor, v any) []T { return decodeList(c, v, decode) })
}

// optionalList decodes a list that may be absent: nil. A list that is there is never nil.
func optionalList[T any](o *object, name string, decode valueFunc[T]) []T {
	if l := optional(o, name, func(c *cursor, v any) []T { return decodeList(c, v, decode) }); l != nil {
		return *l
	}
	return nil
}

// listPrealloc bounds what a list of unchecked elements can make us allocate before its first element is looked at.
const listPrealloc = 64

func decodeList[T any](c *cursor, v any, decode valueFunc[T]) []T {
	list, ok := v.(qobject.List)
	if !ok {
		c.mistyped("array")
		return nil
	}
	out := make([]T, 0, min(len(list), listPrealloc))
	for i, elem := range list {
		c.at(i)
		x := decode(c, elem)
		c.leave()
		if c.err != nil {
			return nil
		}
		out = append(out, x)
	}
	return out
}

// objectOf is a pointer to a generated struct.
type objectOf[T any] interface {
	*T
	readMembers(o *object)
}

// decodeObject decodes a nested object.
func decodeObject[T any, P objectOf[T]](c *cursor, v any) (x T) {
	o := c.object(v)
	P(&x).readMembers(o)
	o.end()
	return x
}

// decodeDict decodes a whole tree under a policy, which may be nil. d may be nil, which is the empty object.
func decodeDict[T any, P objectOf[T]](policy *Policy, d *qobject.Dict) (*T, error) {
	if d == nil {
		d = qobject.NewDict()
	}
	c := &cursor{policy: policy}
	x := decodeObject[T, P](c, d)
	if c.err != nil {
		return nil, c.err
	}
	return &x, nil
}

// nothing is the argument type of commands that take none.
type nothing struct{}

func (*nothing) readMembers(*object) {}

func decodeNothing(d *qobject.Dict) error {
	if d.Len() == 0 {
		return nil
	}
	_, err := decodeDict[nothing](nil, d)
	return err
}
