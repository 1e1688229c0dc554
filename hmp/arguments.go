package hmp

import "qmpmigrate/hmp/syntax"

// arguments are the values of a line by their names in the table. What is optional and was not given is not there.
type arguments map[string]any

func (a arguments) text(name string) string { return value[string](a, name) }
func (a arguments) flag(name string) bool   { return value[bool](a, name) }
func (a arguments) number(name string) int64 {
	return value[int64](a, name)
}
func (a arguments) format() syntax.Format { return value[syntax.Format](a, "fmt") }

// value is the zero value where there is none.
func value[T any](a arguments, name string) T {
	v, _ := a[name].(T)
	return v
}

// given is a pointer to what was given for an optional argument, or nil.
func given[T any](a arguments, name string) *T {
	if v, ok := a[name].(T); ok {
		return &v
	}
	return nil
}
