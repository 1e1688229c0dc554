package savevm

import (
	"bytes"
	"fmt"

	"qmpmigrate/core/stream"
)

// Package gives what fill writes as bytes, for a command PACKAGED. Its sections
// are counted with those of the stream, but not described.
func (s *Saver) Package(fill func(*Saver) error) ([]byte, error) {
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	inner := &Saver{Format: s.Format, w: w, last: s.last, ids: s.ids, trace: s.trace, Timed: s.Timed}
	if err := fill(inner); err != nil {
		return nil, err
	}
	s.last = inner.last
	s.trace.packaged.Tell()
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("packaging: %w", err)
	}
	return out.Bytes(), nil
}

// Stash gives what fill writes as bytes, which go into the stream later: its
// sections are counted and described as of now.
func (s *Saver) Stash(fill func(*Saver) error) ([]byte, error) {
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	inner := &Saver{Format: s.Format, w: w, desc: s.desc, last: s.last, ids: s.ids, trace: s.trace, Timed: s.Timed}
	if err := fill(inner); err != nil {
		return nil, err
	}
	s.last = inner.last
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("stash of device state: %w", err)
	}
	return out.Bytes(), nil
}
