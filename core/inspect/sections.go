package inspect

import (
	"errors"
	"fmt"

	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// ramName is the idstr of the section whose records are known here.
const ramName = "ram"

var kinds = [...]Kind{
	wire.SectionStart: KindStart,
	wire.SectionPart:  KindPart,
	wire.SectionEnd:   KindEnd,
	wire.SectionFull:  KindFull,
}

// first reads a START or FULL section behind its type.
func (in *input) first(kind wire.SectionType, start int64) error {
	s := &Section{ID: in.r.U32(), Name: in.r.CountedString(), Instance: in.r.U32(), Version: in.r.U32()}
	if err := in.r.Err(); err != nil {
		return in.fail("section header", err)
	}
	s.half = kind == wire.SectionStart
	if before := in.sections[s.ID]; before != nil && before.otherHalf(kind, s) {
		s = before
	} else if before != nil {
		return in.fail(s.Name, fmt.Errorf("section id %d is used twice", s.ID))
	}
	if len(in.sections) == maxElements {
		return in.fail(s.Name, fmt.Errorf("more than %d sections", maxElements))
	}
	in.sections[s.ID] = s
	return in.section(Element{Kind: kinds[kind], Section: s}, start)
}

// otherHalf says whether full is the FULL section of a device of which s is the
// iterable one; there is one at most.
func (s *Section) otherHalf(kind wire.SectionType, full *Section) bool {
	ok := s.half && kind == wire.SectionFull && s.Name == full.Name && s.Instance == full.Instance && s.Version == full.Version
	s.half = s.half && !ok
	return ok
}

// later reads a PART or END section behind its type.
func (in *input) later(kind wire.SectionType, start int64) error {
	id := in.r.U32()
	if err := in.r.Err(); err != nil {
		return in.fail("section header", err)
	}
	s := in.sections[id]
	if s == nil {
		return in.fail("section header", fmt.Errorf("Unknown savevm section %d", id))
	}
	return in.section(Element{Kind: kinds[kind], Section: s, Parts: 1}, start)
}

// section reads body and footer.
func (in *input) section(e Element, start int64) error {
	e.BodyOffset = in.at()
	if err := in.body(&e); err != nil {
		if errors.Is(err, vmstate.ErrNoFooter) {
			err = fmt.Errorf("body at offset 0x%x: %w", e.BodyOffset, err)
		}
		return in.fail(e.Section.Name, err)
	}
	e.BodyLength = in.at() - e.BodyOffset
	if err := in.footer(e.Section); err != nil {
		return in.fail(e.Section.Name, err)
	}
	return in.add(e, start)
}

func (in *input) body(e *Element) error {
	if e.Section.Name == ramName && e.Kind != KindFull {
		return in.ram.body(in, e)
	}
	end := vmstate.BodyEnd{ID: e.Section.ID, Known: in.known, Packaged: in.packaged}
	if e.Kind != KindFull {
		return end.CopyBody(in.r, nil)
	}
	body, err := end.ReadBody(in.r, nil, in.state)
	e.Body = body
	in.state -= len(body)
	return err
}

func (in *input) known(id uint32) bool { return in.sections[id] != nil }

func (in *input) footer(s *Section) error {
	mark := wire.SectionType(in.r.U8())
	if in.r.Err() == nil && mark != wire.SectionFooter {
		return fmt.Errorf("Missing section footer for %s", s.Name)
	}
	id := in.r.U32()
	if err := in.r.Err(); err != nil {
		return err
	}
	if id != s.ID {
		return fmt.Errorf("Mismatched section id in footer for %s - read 0x%x expected 0x%x", s.Name, id, s.ID)
	}
	return nil
}
