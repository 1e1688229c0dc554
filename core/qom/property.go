// Package qom is the tree of objects that tools look into: objects with
// properties, and the types that they are of.
package qom

import (
	"slices"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// Property is a named value of an object.
type Property struct {
	Name string
	Type string
	// Get tells the value; nil makes it one that cannot be read.
	Get func() any
	// Set changes the value; nil makes it one that cannot be written.
	Set func(value any) error
}

// Object is what has properties, and other objects below it.
type Object interface {
	// TypeName is the name of its type.
	TypeName() string
	// Properties are its own, besides its type.
	Properties() []Property
}

// Fixed is a property whose value never changes.
func Fixed(name, typeName string, value any) Property {
	return Property{Name: name, Type: typeName, Get: func() any { return value }}
}

// Frozen is a property that was set when its object was made, and answers with
// why when it is set again.
func Frozen(name, typeName string, value any, why string) Property {
	p := Fixed(name, typeName, value)
	p.Set = func(any) error { return qapi.Errorf("%s", why) }
	return p
}

// Bool reads the value that a property of type bool is set to.
func Bool(name string, value any) (bool, error) {
	on, ok := value.(bool)
	if !ok {
		return false, qapi.Errorf("Invalid parameter type for '%s', expected: boolean", name)
	}
	return on, nil
}

// Int reads the value that a property of type int is set to.
func Int(name string, value any) (int64, error) {
	switch n := value.(type) {
	case int64:
		return n, nil
	case uint64:
		if n>>63 == 0 {
			return int64(n), nil
		}
	}
	return 0, qapi.Errorf("Invalid parameter type for '%s', expected: integer", name)
}

// Text is a text that may be absent, which shows as an empty one.
func Text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Numbers are numbers as a property's value.
func Numbers(list []uint16) qobject.List {
	out := make(qobject.List, 0, len(list))
	for _, n := range list {
		out = append(out, int64(n))
	}
	return out
}

// find returns the property of that name.
func find(list []Property, name string) (Property, bool) {
	i := slices.IndexFunc(list, func(p Property) bool { return p.Name == name })
	if i < 0 {
		return Property{}, false
	}
	return list[i], true
}
