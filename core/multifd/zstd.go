package multifd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	// zstdWindow is how far an encoder looks back, per lane: what libzstd uses
	// at the default level. A larger one costs both ends more memory than it
	// saves on the wire, as pages of different blocks of memory have little in
	// common.
	zstdWindow = 512 << 10
	// zstdMaxWindow is the largest window that a decoder keeps for a lane:
	// what libzstd asks for at level 20, the highest that QEMU takes.
	zstdMaxWindow = 32 << 20
)

// Zstd is the method of one Zstandard frame a lane, which never ends: each
// payload ends with a flush.
func Zstd() Method {
	return Method{Bits: 1 << 2, NewEncoder: newZstdEncoder, NewDecoder: newZstdDecoder}
}

type zstdEncoder struct {
	out appender
	enc *zstd.Encoder
}

func newZstdEncoder(level int) (Encoder, error) {
	if level == 0 {
		level = 3 // as libzstd has it
	}
	e := &zstdEncoder{}
	enc, err := zstd.NewWriter(&e.out,
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithWindowSize(zstdWindow),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("initCStream failed with error %w", err)
	}
	e.enc = enc
	return e, nil
}

// Encode copies each page as it takes it, so it may change meanwhile.
func (e *zstdEncoder) Encode(dst []byte, pages [][]byte) ([]byte, error) {
	e.out.bytes = dst
	for _, p := range pages {
		if _, err := e.enc.Write(p); err != nil {
			return e.out.taken(), fmt.Errorf("compressStream error %w", err)
		}
	}
	if err := e.enc.Flush(); err != nil {
		return e.out.taken(), fmt.Errorf("compressStream error %w", err)
	}
	return e.out.taken(), nil
}

func (e *zstdEncoder) Close() { _ = e.enc.Close() }

// zstdDecoder relies on a decoder without goroutines to read no further than
// the block whose bytes it gives.
type zstdDecoder struct {
	in  bytes.Reader
	dec *zstd.Decoder
	// last takes the last page of a packet, and has room for one byte that
	// should not come.
	last []byte
}

func newZstdDecoder() (Decoder, error) {
	d := &zstdDecoder{}
	dec, err := zstd.NewReader(&d.in,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(zstdMaxWindow),
		zstd.WithDecoderMaxMemory(zstdMaxWindow))
	if err != nil {
		return nil, fmt.Errorf("initDStream failed with error %w", err)
	}
	d.dec = dec
	return d, nil
}

// Decode takes the last page with room for a byte more, which tells whether
// that comes: to ask for more would be to wait for the next payload.
func (d *zstdDecoder) Decode(pages [][]byte, payload []byte) error {
	d.in.Reset(payload)
	if len(pages) == 0 {
		return d.ended()
	}
	last := pages[len(pages)-1]
	for _, p := range pages[:len(pages)-1] {
		if _, err := io.ReadFull(d.dec, p); err != nil {
			return zstdError(err)
		}
	}
	d.last = slices.Grow(d.last[:0], len(last)+1)[:len(last)+1]
	n, err := io.ReadAtLeast(d.dec, d.last, len(last))
	if err != nil {
		return zstdError(err)
	}
	if n > len(last) {
		return tooMuch(pages, 1)
	}
	copy(last, d.last)
	return d.ended()
}

func (d *zstdDecoder) ended() error {
	if left := d.in.Len(); left > 0 {
		return fmt.Errorf("%d bytes left of a packet", left)
	}
	return nil
}

func (d *zstdDecoder) Close() { d.dec.Close() }

// zstdError says in QEMU's words what is wrong with a payload.
func zstdError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("decompressStream buffer too small")
	}
	return fmt.Errorf("decompressStream returned %w", err)
}
