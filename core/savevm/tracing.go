package savevm

import (
	"errors"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// saverTrace are a Saver's trace events.
type saverTrace struct {
	header, setup, start, end, command, device, took, packaged *trace.Event
	commands                                                   *commandTrace
}

// TraceTo lets s tell of what it writes.
func (s *Saver) TraceTo(t *trace.Set) {
	s.trace = saverTrace{
		header:   t.Event(trace.SavevmStateHeader),
		setup:    t.Event(trace.SavevmStateSetup),
		start:    t.Event(trace.SavevmSectionStart),
		end:      t.Event(trace.SavevmSectionEnd),
		command:  t.Event(trace.SavevmCommandSend),
		device:   t.Event(trace.VmstateSave),
		took:     t.Event(trace.VmstateDowntimeSave),
		packaged: t.Event(trace.SavevmSendPackaged),
		commands: newCommandTrace(t),
	}
}

// iterating tells of a section of an iterable that begins, and iterated of one that ends.
func (t *saverTrace) iterating(l *Live) {
	t.start.Tell(trace.Str("id", l.IDStr), trace.Uint("section_id", l.id))
}

func (t *saverTrace) iterated(l *Live, err error) {
	ret := 0
	if err != nil {
		ret = -1
	}
	t.end.Tell(trace.Str("id", l.IDStr), trace.Uint("section_id", l.id), trace.Int("ret", ret))
}

func (t *saverTrace) saving(id uint32, d *Device) {
	t.start.Tell(trace.Str("id", d.IDStr), trace.Uint("section_id", id))
	t.device.Tell(trace.Str("idstr", d.IDStr), trace.Str("vmsd_name", vmsdName(d.State)))
}

func (t *saverTrace) saved(id uint32, d *Device) {
	t.end.Tell(trace.Str("id", d.IDStr), trace.Uint("section_id", id), trace.Int("ret", 0))
}

// vmsdName is the name of a description, which may differ from the section's.
func vmsdName(s State) string {
	if d, ok := s.(*vmstate.Description); ok {
		return d.Name
	}
	return "(old)"
}

// loaderTrace are a Loader's trace events.
type loaderTrace struct {
	section, first, later, device, command, done, end, took *trace.Event
	packaged, received, unpacked                            *trace.Event
}

// TraceTo lets l tell of what it reads.
func (l *Loader) TraceTo(t *trace.Set) {
	l.trace = loaderTrace{
		section:  t.Event(trace.LoadvmStateSection),
		first:    t.Event(trace.LoadvmStateSectionStartFull),
		later:    t.Event(trace.LoadvmStateSectionPartEnd),
		device:   t.Event(trace.VmstateLoad),
		command:  t.Event(trace.LoadvmProcessCommand),
		done:     t.Event(trace.LoadvmStateSectionCommand),
		end:      t.Event(trace.LoadvmStatePostMain),
		took:     t.Event(trace.VmstateDowntimeLoad),
		packaged: t.Event(trace.LoadvmHandlePackaged),
		received: t.Event(trace.LoadvmHandlePackagedReceived),
		unpacked: t.Event(trace.LoadvmHandlePackagedMain),
	}
}

// kind tells which kind of section begins, or that the channel ended.
func (t *loaderTrace) kind(r *stream.Reader, kind wire.SectionType) {
	if r.Err() == nil {
		t.section.Tell(trace.Uint("section_type", kind))
	}
}

// commanded tells that a command was carried out, or why not.
func (t *loaderTrace) commanded(e *trace.Event, err error) {
	ret := 0
	if err != nil && !errors.Is(err, ErrHandedOver) {
		ret = -1
	}
	e.Tell(trace.Int("ret", ret))
}
