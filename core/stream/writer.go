package stream

import (
	"encoding/binary"
	"io"
)

// vecWriter is a channel that writes many pieces with one system call.
type vecWriter interface {
	WriteVec(iov [][]byte) (int64, error)
}

const (
	// pieceLimit is how many pieces gather before they are written: IOV_MAX.
	pieceLimit = 1024
	// writeBuffer holds what is copied between two flushes.
	writeBuffer = 64 << 10
)

// Writer gathers what is put and writes it with few system calls. Small values
// are copied, guest pages stay where they are (Ref). Errors are sticky: after
// the first one nothing is written any more, and Err tells it.
type Writer struct {
	dst    io.Writer
	vec    vecWriter
	buf    []byte // copied bytes; every piece that is no Ref lies in it
	start  int    // where in buf the piece now growing began
	pieces [][]byte
	offset int64
	err    error
}

// NewWriter makes a writer onto dst; pieces are written as one vector where
// dst has WriteVec.
func NewWriter(dst io.Writer) *Writer {
	w := &Writer{
		dst:    dst,
		buf:    make([]byte, 0, writeBuffer),
		pieces: make([][]byte, 0, pieceLimit+2),
	}
	w.vec, _ = dst.(vecWriter)
	return w
}

// Reset goes on with another channel. What was put and not written is lost, and
// so is the error; Offset goes on.
func (w *Writer) Reset(dst io.Writer) {
	w.dst, w.err = dst, nil
	w.vec, _ = dst.(vecWriter)
	clear(w.pieces)
	w.buf, w.pieces, w.start = w.buf[:0], w.pieces[:0], 0
}

// Offset is how many bytes were put so far, written or not.
func (w *Writer) Offset() int64 { return w.offset }

// Err is the first error.
func (w *Writer) Err() error { return w.err }

// Fail makes err the writer's error unless it has one.
func (w *Writer) Fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// room gives n bytes of buffer to fill, n <= writeBuffer.
func (w *Writer) room(n int) []byte {
	if len(w.buf)+n > cap(w.buf) {
		w.Flush()
	}
	at := len(w.buf)
	w.buf = w.buf[:at+n]
	w.offset += int64(n)
	return w.buf[at:]
}

// U8 puts one byte.
func (w *Writer) U8(v uint8) { w.room(1)[0] = v }

// U16 puts a 16-bit number.
func (w *Writer) U16(v uint16) { binary.BigEndian.PutUint16(w.room(2), v) }

// U32 puts a 32-bit number.
func (w *Writer) U32(v uint32) { binary.BigEndian.PutUint32(w.room(4), v) }

// U64 puts a 64-bit number.
func (w *Writer) U64(v uint64) { binary.BigEndian.PutUint64(w.room(8), v) }

// CountedString puts a length byte and s, which has at most 255 bytes.
func (w *Writer) CountedString(s string) {
	w.U8(uint8(len(s)))
	copy(w.room(len(s)), s)
}

// Write puts a copy of p.
func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && w.err == nil {
		part := p[:min(len(p), writeBuffer)]
		copy(w.room(len(part)), part)
		p = p[len(part):]
	}
	return n - len(p), w.err
}

// Ref puts p without copying it: p must stay as it is until the next Flush, or
// may change if the reader will be told again.
func (w *Writer) Ref(p []byte) {
	if len(w.pieces)+2 > pieceLimit {
		w.Flush()
	}
	w.closePiece()
	w.pieces = append(w.pieces, p)
	w.offset += int64(len(p))
}

func (w *Writer) closePiece() {
	if len(w.buf) > w.start {
		w.pieces = append(w.pieces, w.buf[w.start:])
		w.start = len(w.buf)
	}
}

// Flush writes all that was put.
func (w *Writer) Flush() error {
	w.closePiece()
	if w.err == nil && len(w.pieces) > 0 {
		w.Fail(w.writePieces())
	}
	clear(w.pieces)
	w.buf, w.pieces, w.start = w.buf[:0], w.pieces[:0], 0
	return w.err
}

func (w *Writer) writePieces() error {
	if w.vec != nil && len(w.pieces) > 1 {
		_, err := w.vec.WriteVec(w.pieces)
		return err
	}
	for _, p := range w.pieces {
		if _, err := w.dst.Write(p); err != nil {
			return err
		}
	}
	return nil
}
