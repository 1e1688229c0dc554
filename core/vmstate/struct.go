package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// Struct is another description inside this one, in its own current version.
func Struct(name string, d *Description, options ...Option) Field {
	return newField(name, &structs{max: 1, at: func(int) *Description { return d }}, options)
}

// VStruct is another description in the version that is given here.
func VStruct(name string, d *Description, version uint32, options ...Option) Field {
	return newField(name, &vstruct{d: d, version: version}, options)
}

// StructArray is one description for each element of s, or, with Count, for
// as many as the counter says.
func StructArray[T any](name string, s []T, describe func(*T) *Description, options ...Option) Field {
	return newField(name, &structs{max: len(s), at: func(i int) *Description { return describe(&s[i]) }}, options)
}

// AllocStructArray is an array of structs whose memory is made anew on load, as many as
// Count says, at most max.
func AllocStructArray[T any](name string, s *[]T, max int, describe func(*T) *Description, options ...Option) Field {
	return newField(name, &structs{
		max:  max,
		at:   func(i int) *Description { return describe(&(*s)[i]) },
		has:  func() int { return len(*s) },
		grow: func(n int) { *s = make([]T, n) },
	}, options)
}

type structs struct {
	max  int
	at   func(i int) *Description
	has  func() int // elements that exist, where that may be fewer than the count
	grow func(n int)
}

func (*structs) typeName(int) string { return "struct" }
func (s *structs) limit() int        { return s.max }
func (*structs) elements(n int) int  { return n }

func (s *structs) prepare(n int) {
	if s.grow != nil {
		s.grow(n)
	}
}

func (s *structs) uniform() bool {
	if s.max == 0 || s.has != nil && s.has() == 0 {
		return false
	}
	return s.at(0).uniform()
}

func (s *structs) save(w *stream.Writer, desc *DescWriter, i, _ int) error {
	if s.has != nil && i >= s.has() {
		return fail(syscall.EINVAL, "there are only %d elements", s.has())
	}
	d := s.at(i)
	desc.openKey("struct")
	if err := d.Save(w, desc); err != nil {
		return err
	}
	desc.closeObject()
	return nil
}

func (s *structs) load(r *stream.Reader, i, _ int) error {
	d := s.at(i)
	return d.load(r, d.Version)
}

// uniform says that a body of d has the same length whatever the values.
func (d *Description) uniform() bool {
	if len(d.Subsections) > 0 {
		return false
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.test != nil || f.counter != nil || !f.body.uniform() {
			return false
		}
	}
	return true
}

type vstruct struct {
	one
	d       *Description
	version uint32
}

func (*vstruct) typeName(int) string { return "vstruct" }
func (v *vstruct) uniform() bool     { return v.d.uniform() }

func (v *vstruct) save(w *stream.Writer, desc *DescWriter, _, _ int) error {
	return v.d.save(w, desc, v.version)
}

func (v *vstruct) load(r *stream.Reader, _, _ int) error {
	return v.d.Load(r, v.version)
}
