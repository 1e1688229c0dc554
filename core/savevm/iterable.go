package savevm

import (
	"fmt"
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Iterable is the source's half of a section that goes out in parts: START, any
// PARTs while the VM runs, END when it does not run any more. It belongs to the
// migration goroutine. The errors of its methods are its own; those of the
// channel stay with the writer.
type Iterable interface {
	// Start writes the START body, and begins to log what the VM changes.
	Start(w *stream.Writer, now time.Time) error
	// Pending is how many bytes are known to be due, without a look at the VM.
	Pending() uint64
	// Sync looks at what the VM changed, and gives how many bytes would be
	// due if it were stopped now.
	Sync(now time.Time) uint64
	// Active says whether there are PARTs: a section whose state is known
	// only once the VM does not run has none.
	Active() bool
	// Iterate writes a PART body: what is due, until room, asked now and
	// then for how many bytes may still go out, says 0.
	Iterate(w *stream.Writer, room func() int64) error
	// Complete writes the END body: all that is due. The VM is stopped, and
	// Sync was called after that.
	Complete(w *stream.Writer) error
	// Close ends what Start began, however the migration ended. It may be
	// called without a Start.
	Close()
}

// Live is an iterable section. A source needs its Source, a destination its Target.
type Live struct {
	IDStr    string
	Instance uint32
	// Version is the version that Source writes and the newest that Target takes.
	Version uint32
	// Postcopy says that the VM can run at its destination before this
	// section is complete: its END then comes at the end of postcopy.
	Postcopy bool
	Source   Iterable
	Target   Mover

	id uint32 // the source's number for the section, after Start
}

// Start writes l's START section.
func (s *Saver) Start(l *Live, now time.Time) error {
	s.trace.setup.Tell()
	s.last++
	l.id = s.last
	s.ids[DeviceKey{l.IDStr, l.Instance}] = l.id
	s.open(wire.SectionStart, l.id, l.IDStr, l.Instance, l.Version)
	err := l.Source.Start(s.w, now)
	s.close(l.id)
	return err
}

// Part writes a PART section.
func (s *Saver) Part(l *Live, room func() int64) error {
	s.later(wire.SectionPart, l)
	err := l.Source.Iterate(s.w, room)
	s.over(l, err)
	return l.failed(err)
}

// End writes the END section, and before it what cannot go in there.
func (s *Saver) End(l *Live) error {
	for k, ok := l.Source.(*Kept); ok && k.Active(); {
		if err := s.Part(l, nil); err != nil {
			return err
		}
	}
	began := time.Now()
	s.later(wire.SectionEnd, l)
	err := l.Source.Complete(s.w)
	s.over(l, err)
	if err == nil {
		s.Timed.time(s.trace.took, wire.SectionEnd, l.IDStr, l.Instance, began)
	}
	return l.failed(err)
}

// number gives the FULL section of a device its id: that of the iterable section
// whose other half it is, or the next. A machine may have as many as a stream that came.
func (s *Saver) number(d *Device) uint32 {
	key := DeviceKey{d.IDStr, d.Instance}
	if id, ok := s.ids[key]; ok {
		return id
	}
	s.last++
	s.ids[key] = s.last
	return s.last
}

func (s *Saver) later(kind wire.SectionType, l *Live) {
	s.w.U8(uint8(kind))
	s.w.U32(l.id)
	s.trace.iterating(l)
}

func (s *Saver) over(l *Live, err error) {
	s.trace.iterated(l, err)
	s.close(l.id)
}

// failed gives an error of the section itself its place.
func (l *Live) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("failed to save SaveStateEntry with id(name): %d(%s): %w", l.id, l.IDStr, err)
}
