// Package stream is QEMU's migration file: a buffered sequence of big-endian
// values over a channel, with the offset known and errors that stick.
package stream

import (
	"encoding/binary"
	"errors"
	"io"
)

// PeekLimit is the most that Peek can look ahead, in bytes.
const PeekLimit = 64 << 10

// readBuffer is large enough that a system call brings many pages, and small
// enough to stay in the second-level cache.
const readBuffer = 256 << 10

// chunk bounds what Bytes allocates before it has seen the bytes.
const chunk = 64 << 10

// Reader takes a stream apart. Errors are sticky: after the first one every
// call gives zeros, and Err tells it. The end of the stream in the middle of a
// value is io.ErrUnexpectedEOF.
type Reader struct {
	src    io.Reader
	vec    vecReader // src, where it reads vectors
	buf    []byte
	r, w   int // buf[r:w] was read from src and not yet taken
	offset int64
	err    error
	srcErr error // what src said last; it counts once buf is used up
}

// NewReader makes a reader of src.
func NewReader(src io.Reader) *Reader {
	vec, _ := src.(vecReader)
	return &Reader{src: src, vec: vec, buf: make([]byte, readBuffer)}
}

// Offset is how many bytes were taken so far.
func (r *Reader) Offset() int64 { return r.offset }

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Fail makes err the reader's error unless it has one.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Buffered is what was read from the channel and not yet taken; it is valid until the next call.
func (r *Reader) Buffered() []byte { return r.buf[r.r:r.w] }

// Advance takes n bytes of Buffered.
func (r *Reader) Advance(n int) {
	r.r += n
	r.offset += int64(n)
}

// need waits until n bytes are buffered, n <= PeekLimit, and gives them
// without taking them. At the end of the stream it gives fewer.
func (r *Reader) need(n int) []byte {
	for r.w-r.r < n && r.srcErr == nil {
		r.fill()
	}
	return r.buf[r.r:min(r.r+n, r.w)]
}

func (r *Reader) fill() {
	if r.r == r.w {
		r.r, r.w = 0, 0
	} else if len(r.buf)-r.r < PeekLimit {
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
	}
	n, err := r.src.Read(r.buf[r.w:])
	r.w += n
	if n == 0 && err == nil {
		err = io.ErrNoProgress
	}
	r.srcErr = err
}

// take gives the next n bytes, n <= PeekLimit, or nil after an error.
func (r *Reader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	b := r.need(n)
	if len(b) < n {
		r.short()
		return nil
	}
	r.Advance(n)
	return b
}

// short is the error of a stream that ended too early.
func (r *Reader) short() {
	if errors.Is(r.srcErr, io.EOF) {
		r.Fail(io.ErrUnexpectedEOF)
		return
	}
	r.Fail(r.srcErr)
}

// Peek looks at the next n bytes, n <= PeekLimit, without taking them. Where
// the stream ends before, it gives what is left with the error.
func (r *Reader) Peek(n int) ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	b := r.need(n)
	if len(b) < n {
		return b, r.srcErr
	}
	return b, nil
}

// U8 takes one byte.
func (r *Reader) U8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 takes a 16-bit number.
func (r *Reader) U16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// U32 takes a 32-bit number.
func (r *Reader) U32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// U64 takes a 64-bit number.
func (r *Reader) U64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// CountedString takes a length byte and as many bytes.
func (r *Reader) CountedString() string { return string(r.take(int(r.U8()))) }

// Bytes takes n bytes into memory of their own. The caller bounds n; memory
// grows with what really comes, so that an announced length costs nothing.
func (r *Reader) Bytes(n int) []byte {
	out := make([]byte, 0, min(n, chunk))
	for len(out) < n {
		part := r.take(min(n-len(out), chunk))
		if part == nil {
			return nil
		}
		out = append(out, part...)
	}
	return out
}

// Full takes len(p) bytes into p.
func (r *Reader) Full(p []byte) {
	if r.err != nil {
		return
	}
	n := copy(p, r.Buffered())
	r.Advance(n)
	for n < len(p) {
		if r.srcErr != nil {
			r.short()
			return
		}
		m, err := r.src.Read(p[n:])
		n += m
		r.offset += int64(m)
		r.srcErr = err
	}
}

// Skip takes n bytes and forgets them.
func (r *Reader) Skip(n int64) {
	for n > 0 {
		part := r.take(int(min(n, chunk)))
		if part == nil {
			return
		}
		n -= int64(len(part))
	}
}
