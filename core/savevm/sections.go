package savevm

import (
	"errors"
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// section is what is kept of a section that was seen: PART and END know only its id.
type section struct {
	wire.SectionHeader
	mover Mover
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
		live := l.live(s.IDStr, s.Instance)
		if live == nil {
			return l.at(r, s, true, s.unknown())
		}
		if s.Version > live.Version {
			return l.at(r, s, true, s.tooNew(live.Version))
		}
		s.mover = live.Target
		return l.body(r, s, true)
	}
	state, ok := l.Target.Device(s.IDStr, s.Instance)
	if !ok {
		return l.at(r, s, true, s.unknown())
	}
	if o, ok := state.(*Opaque); ok {
		if err := l.opaque.read(r, &s.SectionHeader, o, l.continues, l.nested); err != nil {
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

// halves says whether full is the FULL section of a device of which s was the
// iterable one. Both have the same id.
func (s *section) halves(full *section) bool {
	return s.Type == wire.SectionStart && full.Type == wire.SectionFull &&
		s.IDStr == full.IDStr && s.Instance == full.Instance
}

// live finds the iterable section idstr, instance; nil where the machine has none.
func (l *Loader) live(idstr string, instance uint32) *Live {
	for i := range l.Live {
		if s := &l.Live[i]; s.IDStr == idstr && s.Instance == instance {
			return s
		}
	}
	return nil
}

// continues says whether a section with this id may go on in a PART or END.
func (l *Loader) continues(id uint32) bool {
	s := l.sections[id]
	return s != nil && s.mover != nil
}

// later loads a PART or END section.
func (l *Loader) later(r *stream.Reader) error {
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
	return l.body(r, s, false)
}

func (l *Loader) body(r *stream.Reader, s *section, first bool) error {
	if err := s.mover.Load(r, s.Version); err != nil {
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
