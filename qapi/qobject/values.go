package qobject

// Null is the JSON value null. It is a type of its own so that a member holding null differs from a missing one.
type Null struct{}

// List is a JSON array. Its elements are values as the package comment lists them.
type List []any

// AppendJSON appends the list in QEMU's compact form.
func (l List) AppendJSON(b []byte) []byte { return Append(b, l) }

// AppendJSON appends the word null.
func (n Null) AppendJSON(b []byte) []byte { return Append(b, n) }
