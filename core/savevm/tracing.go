package savevm

import (
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// saverTrace are a Saver's trace events.
type saverTrace struct {
	header, setup, start, end, command, device, took *trace.Event
}

// TraceTo lets s tell of what it writes.
func (s *Saver) TraceTo(t *trace.Set) {
	s.trace = saverTrace{
		header:  t.Event(trace.SavevmStateHeader),
		setup:   t.Event(trace.SavevmStateSetup),
		start:   t.Event(trace.SavevmSectionStart),
		end:     t.Event(trace.SavevmSectionEnd),
		command: t.Event(trace.SavevmCommandSend),
		device:  t.Event(trace.VmstateSave),
		took:    t.Event(trace.VmstateDowntimeSave),
	}
}

// iterating tells of a section of an iterable that begins, and iterated of one that ends.
func (t *saverTrace) iterating(l *Live) {
	if t.start.On() {
		t.start.Tell("%s, section_id %d", l.IDStr, l.id)
	}
}

func (t *saverTrace) iterated(l *Live, err error) {
	if !t.end.On() {
		return
	}
	ret := 0
	if err != nil {
		ret = -1
	}
	t.end.Tell("%s, section_id %d -> %d", l.IDStr, l.id, ret)
}

func (t *saverTrace) saving(id uint32, d *Device) {
	t.start.Tell("%s, section_id %d", d.IDStr, id)
	t.device.Tell("%s, %s", d.IDStr, vmsdName(d.State))
}

func (t *saverTrace) saved(id uint32, d *Device) {
	t.end.Tell("%s, section_id %d -> %d", d.IDStr, id, 0)
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
	section, first, later, device, command, end, took *trace.Event
}

// TraceTo lets l tell of what it reads.
func (l *Loader) TraceTo(t *trace.Set) {
	l.trace = loaderTrace{
		section: t.Event(trace.LoadvmStateSection),
		first:   t.Event(trace.LoadvmStateSectionStartFull),
		later:   t.Event(trace.LoadvmStateSectionPartEnd),
		device:  t.Event(trace.VmstateLoad),
		command: t.Event(trace.LoadvmProcessCommand),
		end:     t.Event(trace.LoadvmStatePostMain),
		took:    t.Event(trace.VmstateDowntimeLoad),
	}
}

// kind tells which kind of section begins, or that the channel ended.
func (t *loaderTrace) kind(r *stream.Reader, kind wire.SectionType) {
	if r.Err() == nil && t.section.On() {
		t.section.Tell("%d", kind)
	}
}
