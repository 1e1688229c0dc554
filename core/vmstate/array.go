package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// Uint8Array is len(s) bytes that are numbers each; Buffer is for raw bytes.
func Uint8Array(name string, s []uint8, options ...Option) Field { return Array(name, s, options...) }

// Uint16Array is len(s) numbers, back to back.
func Uint16Array(name string, s []uint16, options ...Option) Field { return Array(name, s, options...) }

// Uint32Array is len(s) numbers, back to back.
func Uint32Array(name string, s []uint32, options ...Option) Field { return Array(name, s, options...) }

// Uint64Array is len(s) numbers, back to back.
func Uint64Array(name string, s []uint64, options ...Option) Field { return Array(name, s, options...) }

// Array is all elements of s back to back, or, with Count, as many of them as
// the counter says.
func Array[T Scalar](name string, s []T, options ...Option) Field {
	return newField(name, &array[T]{codec: scalarCodec[T](), s: func() []T { return s }, max: len(s)}, options)
}

// AllocArray is an array whose memory is made anew on load. Its count is what
// Count says, at most max; without Count it is max.
func AllocArray[T Scalar](name string, s *[]T, max int, options ...Option) Field {
	return newField(name, alloc(scalarCodec[T](), s, max), options)
}

// array is several values in a slice.
type array[T any] struct {
	codec[T]
	s     func() []T
	grow  func(n int)
	max   int
	loose bool // elements differ in length
}

func alloc[T any](c codec[T], s *[]T, max int) *array[T] {
	return &array[T]{
		codec: c,
		s:     func() []T { return *s },
		grow:  func(n int) { *s = make([]T, n) },
		max:   max,
	}
}

func (a *array[T]) typeName(int) string { return a.typ }
func (a *array[T]) limit() int          { return a.max }
func (a *array[T]) elements(n int) int  { return n }
func (a *array[T]) uniform() bool       { return !a.loose }

func (a *array[T]) prepare(n int) {
	if a.grow != nil {
		a.grow(n)
	}
}

func (a *array[T]) save(w *stream.Writer, _ *DescWriter, i, _ int) error {
	s := a.s()
	if i >= len(s) {
		return fail(syscall.EINVAL, "there are only %d elements", len(s))
	}
	a.put(w, s[i])
	return nil
}

func (a *array[T]) load(r *stream.Reader, i, _ int) error {
	return a.store(r, &a.s()[i])
}
