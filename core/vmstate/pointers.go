package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// absent stands in the stream for a nil pointer.
const absent = 0x30

// Pointers is an array of pointers to structs, some of which may be nil. The
// same ones must be nil on the other side.
func Pointers[T any](name string, s []*T, describe func(*T) *Description, options ...Option) Field {
	return newField(name, &pointers{
		max: len(s),
		of: func(i int) content {
			if s[i] == nil {
				return nil
			}
			return &structs{max: 1, at: func(int) *Description { return describe(s[i]) }}
		},
	}, options)
}

// ScalarPointers is an array of pointers to numbers, some of which may be nil.
func ScalarPointers[T Scalar](name string, s []*T, options ...Option) Field {
	c := scalarCodec[T]()
	return newField(name, &pointers{
		max: len(s),
		of: func(i int) content {
			if s[i] == nil {
				return nil
			}
			return &single[T]{codec: c, p: s[i]}
		},
	}, options)
}

type pointers struct {
	max int
	of  func(i int) content // nil for a nil pointer
}

func (p *pointers) limit() int       { return p.max }
func (*pointers) elements(n int) int { return n }
func (*pointers) prepare(int)        {}
func (*pointers) uniform() bool      { return false }

func (p *pointers) typeName(i int) string {
	if c := p.of(i); c != nil {
		return c.typeName(0)
	}
	return "nullptr"
}

func (p *pointers) save(w *stream.Writer, desc *DescWriter, i, _ int) error {
	if c := p.of(i); c != nil {
		return c.save(w, desc, 0, 1)
	}
	w.U8(absent)
	return nil
}

func (p *pointers) load(r *stream.Reader, i, _ int) error {
	if c := p.of(i); c != nil {
		return c.load(r, 0, 1)
	}
	if v := r.U8(); v != absent && r.Err() == nil {
		return fail(syscall.EINVAL, "vmstate: get_nullptr expected VMS_NULLPTR_MARKER, got 0x%02x", v)
	}
	return nil
}
