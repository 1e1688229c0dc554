package vmstate

import "qmpmigrate/core/stream"

// Scalar is what has a fixed size in the stream: big-endian, in as many bytes
// as in memory; a bool is one byte, 0 or 1.
type Scalar interface {
	bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Bool is one byte; any value but 0 is true.
func Bool(name string, p *bool, options ...Option) Field { return scalar(name, p, options) }

// Int8 is one byte.
func Int8(name string, p *int8, options ...Option) Field { return scalar(name, p, options) }

// Int16 is two bytes.
func Int16(name string, p *int16, options ...Option) Field { return scalar(name, p, options) }

// Int32 is four bytes.
func Int32(name string, p *int32, options ...Option) Field { return scalar(name, p, options) }

// Int64 is eight bytes.
func Int64(name string, p *int64, options ...Option) Field { return scalar(name, p, options) }

// Uint8 is one byte.
func Uint8(name string, p *uint8, options ...Option) Field { return scalar(name, p, options) }

// Uint16 is two bytes.
func Uint16(name string, p *uint16, options ...Option) Field { return scalar(name, p, options) }

// Uint32 is four bytes.
func Uint32(name string, p *uint32, options ...Option) Field { return scalar(name, p, options) }

// Uint64 is eight bytes.
func Uint64(name string, p *uint64, options ...Option) Field { return scalar(name, p, options) }

func scalar[T Scalar](name string, p *T, options []Option) Field {
	return newField(name, &single[T]{codec: scalarCodec[T](), p: p}, options)
}

// codec is how one value stands in the stream.
type codec[T any] struct {
	typ string
	put func(w *stream.Writer, v T)
	// get reads a value; it gets the local one, for codecs that compare.
	get func(r *stream.Reader, local T) (T, error)
}

// single is one value.
type single[T any] struct {
	codec[T]
	one
	p *T
}

func (s *single[T]) typeName(int) string { return s.typ }
func (s *single[T]) uniform() bool       { return true }

func (s *single[T]) save(w *stream.Writer, _ *DescWriter, _, _ int) error {
	s.put(w, *s.p)
	return nil
}

func (s *single[T]) load(r *stream.Reader, _, _ int) error {
	return s.store(r, s.p)
}

// store loads *p and leaves it as it is on failure.
func (c *codec[T]) store(r *stream.Reader, p *T) error {
	v, err := c.get(r, *p)
	if err == nil {
		err = r.Err()
	}
	if err == nil {
		*p = v
	}
	return err
}

// one is the count of kinds that have one element; a counter can only take it away.
type one struct{}

func (one) limit() int         { return 1 }
func (one) elements(n int) int { return n }
func (one) prepare(int)        {}
