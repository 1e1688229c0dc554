package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// Field is one entry of a Description. The functions of this package make
// fields; most are named after the type they carry.
type Field struct {
	name     string
	since    uint32
	test     func(version uint32) bool
	validate bool
	counter  func() int64
	times    int64
	body     content
}

// content is one kind of field, bound to the memory it carries. n is the
// field's count: how many elements, or, where a kind says so, its size.
type content interface {
	// typeName is the type of element i in descriptions.
	typeName(i int) string
	// limit is the largest count the memory can take, and the count of a
	// field without a counter.
	limit() int
	// elements is how many elements stand in the stream for a count of n.
	elements(n int) int
	// prepare makes room for a count of n before elements are loaded.
	prepare(n int)
	save(w *stream.Writer, desc *DescWriter, i, n int) error
	load(r *stream.Reader, i, n int) error
	// uniform says that all elements have one length whatever their values,
	// so that one object describes them all.
	uniform() bool
}

// Option changes when a field is present or how often.
type Option func(*Field)

// Since makes a field part of bodies of this version and later ones.
func Since(version uint32) Option {
	return func(f *Field) { f.since = version }
}

// If makes a field present when test says so, whatever its Since. test gets
// the version of the body; on load it may look at fields loaded before.
func If(test func(version uint32) bool) Option {
	return func(f *Field) { f.test = test }
}

// Count makes the count of a field the value of another member, which stands
// before it in the stream or is the same on both sides. The count itself is
// not repeated. A count beyond the memory of the field is an error.
func Count[N int32 | uint32 | uint16 | uint8](n *N) Option {
	return func(f *Field) { f.counter = func() int64 { return int64(*n) } }
}

// Multiply makes the count k times what Count says.
func Multiply(k int) Option {
	return func(f *Field) { f.times = int64(k) }
}

func newField(name string, body content, options []Option) Field {
	f := Field{name: name, body: body, times: 1}
	for _, o := range options {
		o(&f)
	}
	return f
}

func (f *Field) present(version uint32) bool {
	if f.test != nil {
		return f.test(version)
	}
	return f.since <= version
}

// count is the field's count at this moment.
func (f *Field) count() (int, error) {
	limit := f.body.limit()
	if f.counter == nil {
		return limit, nil
	}
	n := f.counter() * f.times
	if n < 0 || n > int64(limit) {
		return 0, fail(syscall.EINVAL, "count %d is outside 0 to %d", n, limit)
	}
	return int(n), nil
}

func (d *Description) loadField(f *Field, r *stream.Reader, version uint32) error {
	if !f.present(version) {
		if f.validate {
			return fail(syscall.EINVAL, "Input validation failed: %s/%s", d.Name, f.name)
		}
		return nil
	}
	if f.validate {
		return nil
	}
	at := r.Offset()
	n, err := f.count()
	if err == nil {
		f.body.prepare(n)
		for i := range f.body.elements(n) {
			if err = f.body.load(r, i, n); err == nil {
				err = r.Err()
			}
			if err != nil {
				break
			}
		}
	}
	if err != nil {
		return &LoadError{Description: d.Name, Field: f.name, Offset: at, Err: err}
	}
	return nil
}
