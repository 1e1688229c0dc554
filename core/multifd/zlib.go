package multifd

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
)

const (
	// zlibHeaderSize is what a zlib stream has before its first block.
	zlibHeaderSize = 2
	// zlibWindow is how far a block may refer back.
	zlibWindow = 32 << 10
	// zlibFlushed is how a flush ends: an empty stored block.
	zlibFlushed = "\x00\x00\xff\xff"
)

// Zlib is the method of one zlib stream a lane, which never ends: each payload
// ends with a flush, and no checksum is ever sent.
func Zlib() Method {
	return Method{Bits: 1 << 1, NewEncoder: newZlibEncoder, NewDecoder: newZlibDecoder}
}

type zlibEncoder struct {
	out appender
	enc *flate.Writer
	// header is what is still to be sent of the stream's header.
	header []byte
}

func newZlibEncoder(level int) (Encoder, error) {
	e := &zlibEncoder{header: zlibHeader(level)}
	enc, err := flate.NewWriter(&e.out, level)
	if err != nil {
		return nil, errors.New("deflate init failed")
	}
	e.enc = enc
	return e, nil
}

// zlibHeader says that a window of 32 KiB follows, and what the level was.
func zlibHeader(level int) []byte {
	switch {
	case level >= 7:
		return []byte{0x78, 0xda}
	case level == 6:
		return []byte{0x78, 0x9c}
	case level >= 2:
		return []byte{0x78, 0x5e}
	}
	return []byte{0x78, 0x01}
}

// Encode copies each page as it takes it, so it may change meanwhile.
func (e *zlibEncoder) Encode(dst []byte, pages [][]byte) ([]byte, error) {
	e.out.bytes = dst
	_, _ = e.out.Write(e.header)
	e.header = nil
	for _, p := range pages {
		if _, err := e.enc.Write(p); err != nil {
			return e.out.taken(), fmt.Errorf("deflate returned %w instead of Z_OK", err)
		}
	}
	if err := e.enc.Flush(); err != nil {
		return e.out.taken(), fmt.Errorf("deflate returned %w instead of Z_OK", err)
	}
	return e.out.taken(), nil
}

func (e *zlibEncoder) Close() {}

// zlibDecoder inflates each payload for itself: a flush leaves nothing behind
// but what later blocks may refer to.
type zlibDecoder struct {
	in  bytes.Reader
	dec io.ReadCloser
	// window is what the stream decoded to of late.
	window []byte
	begun  bool
}

func newZlibDecoder() (Decoder, error) {
	d := &zlibDecoder{window: make([]byte, 0, zlibWindow)}
	d.dec = flate.NewReader(&d.in)
	return d, nil
}

func (d *zlibDecoder) Decode(pages [][]byte, payload []byte) error {
	if !d.begun {
		rest, err := zlibBegin(payload)
		if err != nil {
			return err
		}
		payload, d.begun = rest, true
	}
	if !bytes.HasSuffix(payload, []byte(zlibFlushed)) {
		return errors.New("inflate generated too few output")
	}
	d.in.Reset(payload)
	if err := d.dec.(flate.Resetter).Reset(&d.in, d.window); err != nil {
		return err
	}
	for _, p := range pages {
		if _, err := io.ReadFull(d.dec, p); err != nil {
			return zlibError(err)
		}
	}
	if err := d.ended(pages); err != nil {
		return err
	}
	d.keep(pages)
	return nil
}

// ended says that a payload has given all of its pages, and has nothing else.
func (d *zlibDecoder) ended(pages [][]byte) error {
	var more [1]byte
	n, err := d.dec.Read(more[:])
	switch {
	case n > 0:
		return tooMuch(pages, n)
	case errors.Is(err, io.ErrUnexpectedEOF) && d.in.Len() == 0:
		return nil
	}
	return zlibError(err)
}

// keep takes what the next payload may refer to.
func (d *zlibDecoder) keep(pages [][]byte) {
	first, n := len(pages), 0
	for first > 0 && n < zlibWindow {
		first--
		n += len(pages[first])
	}
	if over := len(d.window) + n - zlibWindow; over > 0 {
		d.window = d.window[:copy(d.window, d.window[min(over, len(d.window)):])]
	}
	for _, p := range pages[first:] {
		d.window = append(d.window, p...)
	}
}

func (d *zlibDecoder) Close() {}

// zlibBegin takes the header of a stream off its first payload.
func zlibBegin(payload []byte) ([]byte, error) {
	if len(payload) < zlibHeaderSize {
		return nil, errors.New("inflate generated too few output")
	}
	method, flags := payload[0], payload[1]
	const deflate, preset = 8, 1 << 5
	if (uint(method)<<8|uint(flags))%31 != 0 || method&15 != deflate || method>>4 > 7 || flags&preset != 0 {
		return nil, errors.New("inflate returned -3 instead of Z_OK")
	}
	return payload[zlibHeaderSize:], nil
}

// zlibError says in QEMU's words what is wrong with a payload. An end of the
// stream is a result that it does not expect.
func zlibError(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("inflate generated too few output")
	case errors.Is(err, io.EOF):
		return errors.New("inflate returned 1 instead of Z_OK")
	}
	return errors.New("inflate returned -3 instead of Z_OK")
}
