package vmstate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// ErrNoFooter is a body that runs into the end of the stream. A reader that
// waited for more would wait for ever where the source waits for an answer.
var ErrNoFooter = errors.New("no section footer before the end of the stream")

// ReadBody takes a body whose form is not known, up to its footer, which stays
// unread, and appends it to body, which may be nil. It waits for no more bytes than it needs to be sure. A body of more
// than limit bytes is an error; ErrNoFooter is the end of the stream before a
// footer of the section.
func (s *BodyEnd) ReadBody(r *stream.Reader, body []byte, limit int) ([]byte, error) {
	begin := len(body)
	err := s.CopyBody(r, func(p []byte) error {
		seen := len(body) - begin
		if len(p) > limit-seen {
			return fmt.Errorf("no section footer in %d bytes", limit)
		}
		if cap(body)-len(body) < len(p) {
			body = slices.Grow(body, max(len(p), len(body)))
		}
		body = append(body, p...)
		if streamEnds(body[begin:], seen) {
			return ErrNoFooter
		}
		return nil
	})
	return body, err
}

// CopyBody is ReadBody for bodies of any length: it hands the body to put
// piece by piece. A piece is valid until put returns; put may be nil.
func (s *BodyEnd) CopyBody(r *stream.Reader, put func(p []byte) error) error {
	closed := false
	for {
		window := r.Buffered()
		n, v := s.Scan(window, closed)
		if put != nil && n > 0 {
			if err := put(window[:n]); err != nil {
				r.Fail(err)
				return err
			}
		}
		r.Advance(n)
		switch {
		case v == End:
			return r.Err()
		case closed:
			r.Fail(fmt.Errorf("%w: %w", ErrNoFooter, io.ErrUnexpectedEOF))
			return r.Err()
		}
		if _, err := r.Peek(len(window) - n + 1); err != nil {
			if r.Err() == nil && errors.Is(err, io.EOF) {
				closed = true
				continue
			}
			r.Fail(err)
			return r.Err()
		}
	}
}

// streamEnds says whether a footer, EOF and the description of the devices
// have become part of a body whose bytes before seen were looked at before.
func streamEnds(body []byte, seen int) bool {
	const size = wire.FooterSize + 1 + 1 + 4 // footer, EOF, VMDESCRIPTION, its length
	text := []byte(`{"`)
	at := max(size, seen-len(text)+1)
	for at < len(body) {
		i := bytes.Index(body[at:], text)
		if i < 0 {
			return false
		}
		head := body[at+i-size : at+i]
		if wire.SectionType(head[0]) == wire.SectionFooter &&
			wire.SectionType(head[5]) == wire.EOF && wire.SectionType(head[6]) == wire.VMDescription &&
			binary.BigEndian.Uint32(head[7:]) <= MaxDescription {
			return true
		}
		at += i + 1
	}
	return false
}
