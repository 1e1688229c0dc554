package savevm

import (
	"errors"
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// section is what is kept of a section that was seen: PART and END know only its id.
type section struct {
	wire.SectionHeader
	mover Mover
	kept  *Kept // instead of mover
}

// first loads a START or FULL section.
func (l *Loader) first(r *stream.Reader, kind wire.SectionType) error {
	s := &section{SectionHeader: wire.SectionHeader{Type: kind, ID: r.U32()}}
	s.IDStr, s.Instance, s.Version = r.CountedString(), r.U32(), r.U32()
	if r.Err() != nil {
		return l.lost(r, "section header")
	}
	l.trace.first.Tell(trace.Uint("section_id", s.ID), trace.Str("idstr", s.IDStr),
		trace.Uint("instance_id", s.Instance), trace.Uint("version_id", s.Version))
	if len(l.sections) == maxSections {
		return fail(r, "section header", errors.New("too many sections"))
	}
	if l.rest || l.nested && kind == wire.SectionStart {
		return l.at(r, s, true, errOutOfPlace)
	}
	if before, ok := l.sections[s.ID]; !ok {
		l.sections[s.ID] = s
	} else if !before.halves(s) {
		return l.at(r, s, true, fmt.Errorf("section id %d is used twice", s.ID))
	}
	l.recent = s
	if kind == wire.SectionStart {
		return l.begin(r, s)
	}
	state, ok := l.Target.Device(s.IDStr, s.Instance)
	if !ok {
		return l.at(r, s, true, s.unknown())
	}
	if o, ok := state.(*Opaque); ok {
		offset := r.Offset()
		body, err := l.opaque.read(r, l.bodyEnd(s), maxOpaque)
		if *o = (Opaque{Version: s.Version, Offset: offset, Body: body}); err != nil {
			return l.at(r, s, true, err)
		}
		return l.footer(r, s, true)
	}
	if s.Version > state.VersionID() {
		return l.at(r, s, true, s.tooNew(state.VersionID()))
	}
	l.trace.device.Tell(trace.Str("idstr", s.IDStr), trace.Str("vmsd_name", vmsdName(state)))
	if err := state.Load(r, s.Version); err != nil {
		return l.at(r, s, true, err)
	}
	return l.footer(r, s, true)
}

// begin loads a START section.
func (l *Loader) begin(r *stream.Reader, s *section) error {
	if live := l.live(s.IDStr, s.Instance); live != nil {
		if s.Version > live.Version {
			return l.at(r, s, true, s.tooNew(live.Version))
		}
		s.mover, l.moves = live.Target, true
	} else if k, ok := l.Target.(Keeper); ok {
		s.kept = k.Keep(s.IDStr, s.Instance, s.Version)
	}
	if s.mover == nil && s.kept == nil {
		return l.at(r, s, true, s.unknown())
	}
	return l.body(r, s, wire.SectionStart)
}

// halves says whether full is the FULL section of a device of which s was the
// iterable one. Both have the same id.
func (s *section) halves(full *section) bool {
	return s.Type == wire.SectionStart && full.Type == wire.SectionFull &&
		s.IDStr == full.IDStr && s.Instance == full.Instance
}

// live finds the iterable section idstr, instance; nil where the machine has none.
func (l *Loader) live(idstr string, instance uint32) *Live {
	for i := range l.Live {
		if s := &l.Live[i]; s.IDStr == idstr && s.Instance == instance && s.Target != nil {
			return s
		}
	}
	return nil
}

// bodyEnd finds the end of a body of s, which nobody here knows.
func (l *Loader) bodyEnd(s *section) vmstate.BodyEnd {
	return vmstate.BodyEnd{ID: s.ID, Known: l.continues, Packaged: l.nested}
}

// continues says whether a section with this id may go on in a PART or END.
func (l *Loader) continues(id uint32) bool {
	s := l.sections[id]
	return s != nil && (s.mover != nil || s.kept != nil)
}

// later loads a PART or END section.
func (l *Loader) later(r *stream.Reader, kind wire.SectionType) error {
	id := r.U32()
	if r.Err() != nil {
		return l.lost(r, "section header")
	}
	l.trace.later.Tell(trace.Uint("section_id", id))
	s := l.sections[id]
	if !l.continues(id) {
		return fail(r, "section header", fmt.Errorf("Unknown savevm section %d", id))
	}
	l.recent = s
	return l.body(r, s, kind)
}

func (l *Loader) body(r *stream.Reader, s *section, kind wire.SectionType) (err error) {
	first := kind == wire.SectionStart
	switch {
	case s.kept == nil:
		err = s.mover.Load(r, s.Version)
	case !first && !l.moves:
		// A VM has memory: its section has another name here, or none.
		err = s.unknown()
	default:
		var body []byte
		body, err = l.kept.read(r, l.bodyEnd(s), maxKept)
		s.kept.take(kind, body)
	}
	if err != nil {
		return l.at(r, s, first, err)
	}
	return l.footer(r, s, first)
}

func (l *Loader) footer(r *stream.Reader, s *section, first bool) error {
	if l.NoFooters {
		return nil
	}
	mark := wire.SectionType(r.U8())
	if r.Err() == nil && mark != wire.SectionFooter {
		return l.at(r, s, first, fmt.Errorf("Missing section footer for %s", s.IDStr))
	}
	id := r.U32()
	if r.Err() != nil {
		return l.at(r, s, first, r.Err())
	}
	if id != s.ID {
		return l.at(r, s, first, fmt.Errorf("Mismatched section id in footer for %s - read 0x%x expected 0x%x",
			s.IDStr, id, s.ID))
	}
	return nil
}

func (l *Loader) at(r *stream.Reader, s *section, first bool, err error) error {
	return &LoadError{Section: s.IDStr, Instance: s.Instance, ID: s.ID, First: first,
		Offset: r.Offset(), Err: ended(err)}
}

func (s *section) tooNew(newest uint32) error {
	return fmt.Errorf("savevm: unsupported version %d for '%s' v%d", s.Version, s.IDStr, newest)
}

func (s *section) unknown() error {
	return fmt.Errorf("Unknown savevm section or instance '%s' %d. Make sure that your current VM setup "+
		"matches your saved VM setup, including any hotplugged devices", s.IDStr, s.Instance)
}
