package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// Buffer is len(b) raw bytes.
func Buffer(name string, b []byte, options ...Option) Field {
	return newField(name, &buffer{one: one{}, b: func() []byte { return b }}, options)
}

// VBuffer is the first bytes of b, as many as Count says.
func VBuffer(name string, b []byte, options ...Option) Field {
	return newField(name, &vbuffer{b: func() []byte { return b }, max: len(b)}, options)
}

// AllocBuffer is raw bytes in memory that is made anew on load, as many as
// Count says, at most max.
func AllocBuffer(name string, b *[]byte, max int, options ...Option) Field {
	return newField(name, &vbuffer{
		b:    func() []byte { return *b },
		grow: func(n int) { *b = make([]byte, n) },
		max:  max,
	}, options)
}

// Unused is size bytes that mean nothing any more: zeros when written,
// anything when read.
func Unused(size int, options ...Option) Field {
	return newField("unused", &unused{size: size}, options)
}

type buffer struct {
	one
	b func() []byte
}

func (*buffer) typeName(int) string { return "buffer" }
func (*buffer) uniform() bool       { return true }

func (f *buffer) save(w *stream.Writer, _ *DescWriter, _, _ int) error {
	_, err := w.Write(f.b())
	return err
}

func (f *buffer) load(r *stream.Reader, _, _ int) error {
	r.Full(f.b())
	return nil
}

// vbuffer is one element whose size is the count.
type vbuffer struct {
	b    func() []byte
	grow func(n int)
	max  int
}

func (*vbuffer) typeName(int) string { return "buffer" }
func (*vbuffer) uniform() bool       { return false }
func (f *vbuffer) limit() int        { return f.max }
func (*vbuffer) elements(int) int    { return 1 }

func (f *vbuffer) prepare(n int) {
	if f.grow != nil {
		f.grow(n)
	}
}

func (f *vbuffer) save(w *stream.Writer, _ *DescWriter, _, n int) error {
	b := f.b()
	if n > len(b) {
		return fail(syscall.EINVAL, "there are only %d bytes", len(b))
	}
	_, err := w.Write(b[:n])
	return err
}

func (f *vbuffer) load(r *stream.Reader, _, n int) error {
	r.Full(f.b()[:n])
	return nil
}

type unused struct {
	one
	size int
}

func (*unused) typeName(int) string { return "unused_buffer" }
func (*unused) uniform() bool       { return true }

func (f *unused) save(w *stream.Writer, _ *DescWriter, _, _ int) error {
	var zeros [512]byte
	for left := f.size; left > 0 && w.Err() == nil; left -= len(zeros) {
		w.Write(zeros[:min(left, len(zeros))])
	}
	return nil
}

func (f *unused) load(r *stream.Reader, _, _ int) error {
	r.Skip(int64(f.size))
	return nil
}
