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
	inner := &Saver{Format: s.Format, w: w, last: s.last, live: s.live, trace: s.trace, Timed: s.Timed}
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
