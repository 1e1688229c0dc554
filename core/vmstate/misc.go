package vmstate

import "qmpmigrate/core/stream"

// Validate carries nothing. A test that is false refuses the state, when it is
// written and when it is read; it sees the fields before it.
func Validate(name string, test func(version uint32) bool) Field {
	return Field{name: name, test: test, validate: true}
}

// Names is capabilities in the configuration section: counted strings of at
// most 255 bytes, as many as Count says, at most max.
func Names(name string, s *[]string, max int, options ...Option) Field {
	a := alloc(codec[string]{"capability", (*stream.Writer).CountedString,
		func(r *stream.Reader, _ string) (string, error) { return r.CountedString(), nil }}, s, max)
	a.loose = true
	return newField(name, a, options)
}

// Custom is state with a form of its own. typ is its name in descriptions.
// load bounds what it allocates; it may leave errors to the reader's Err.
func Custom(name, typ string, save func(w *stream.Writer) error, load func(r *stream.Reader) error,
	options ...Option) Field {
	return newField(name, &custom{typ: typ, put: save, get: load}, options)
}

type custom struct {
	one
	typ string
	put func(w *stream.Writer) error
	get func(r *stream.Reader) error
}

func (c *custom) typeName(int) string { return c.typ }
func (*custom) uniform() bool         { return false }

func (c *custom) save(w *stream.Writer, _ *DescWriter, _, _ int) error { return c.put(w) }

func (c *custom) load(r *stream.Reader, _, _ int) error { return c.get(r) }
