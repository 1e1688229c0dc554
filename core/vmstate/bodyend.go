package vmstate

import (
	"bytes"
	"encoding/binary"

	"qmpmigrate/core/wire"
)

// Verdict is what BodyEnd.Scan found in a window.
type Verdict int

const (
	// More: no footer in the window; more bytes are needed.
	More Verdict = iota
	// Maybe: a footer, but what follows it is not complete enough to tell.
	Maybe
	// End: the body's end.
	End
)

// BodyEnd finds the end of a section body whose form is not known: a footer
// with the section's id, followed by what can follow a section. Ids are unique
// in a stream, so the first such place is the end.
type BodyEnd struct {
	ID uint32
	// Known says whether a PART or END section with this id can follow; nil
	// means that none can.
	Known func(id uint32) bool
	// Packaged says that the section stands in a PACKAGED blob, whose end may
	// follow a section.
	Packaged bool
}

// Scan looks at a window of the stream that begins inside the body. n is how
// many bytes of the window belong to the body for sure: the caller takes them
// and scans again from there, after More and Maybe with a longer window. closed
// says that nothing comes after the window; then the verdict is never Maybe,
// and More means that the body has no end. No window needs more than
// wire.FooterSize plus 270 bytes after the place n.
func (s *BodyEnd) Scan(window []byte, closed bool) (n int, v Verdict) {
	footer := wire.AppendFooter(make([]byte, 0, wire.FooterSize), s.ID)
	for {
		i := bytes.Index(window[n:], footer)
		if i < 0 {
			return max(n, len(window)-len(footer)+1), More
		}
		n += i
		if v := s.follows(window[n+len(footer):], closed); v != More {
			return n, v
		}
		n++
	}
}

// follows says whether rest begins with what can follow a section: End for
// yes, More for no.
func (s *BodyEnd) follows(rest []byte, closed bool) Verdict {
	short := Maybe
	if closed {
		short = More
	}
	if len(rest) == 0 {
		if closed && s.Packaged {
			return End
		}
		return short
	}
	kind, rest := wire.SectionType(rest[0]), rest[1:]
	switch kind {
	case wire.EOF:
		switch {
		case len(rest) == 0 && closed:
			return End
		case len(rest) == 0:
			return short
		}
		return when(wire.SectionType(rest[0]) == wire.VMDescription)
	case wire.SectionPart, wire.SectionEnd:
		if len(rest) < 4 {
			return short
		}
		return when(s.Known != nil && s.Known(binary.BigEndian.Uint32(rest)))
	case wire.SectionStart, wire.SectionFull:
		return sectionHeader(rest, short)
	case wire.Command:
		if len(rest) < 4 {
			return short
		}
		code := wire.CommandCode(binary.BigEndian.Uint16(rest))
		return when(code >= wire.CmdOpenReturnPath && code <= lastCommand)
	}
	return More
}

// lastCommand leaves room for commands of later versions.
const lastCommand = 0xff

// sectionHeader looks for an id, a printable name, an instance and a version.
func sectionHeader(rest []byte, short Verdict) Verdict {
	if len(rest) < 5 {
		return short
	}
	size, rest := int(rest[4]), rest[5:]
	for _, c := range rest[:min(size, len(rest))] {
		if c < ' ' || c > '~' {
			return More
		}
	}
	if size > 0 && len(rest) < size+8 { // instance and version follow the name
		return short
	}
	return when(size > 0)
}

func when(ok bool) Verdict {
	if ok {
		return End
	}
	return More
}
