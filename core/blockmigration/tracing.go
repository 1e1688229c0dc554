package blockmigration

import "qmpmigrate/core/trace"

// points are a Saver's trace events.
type points struct{ full, shared, save, complete, unread, pending, progress *trace.Event }

// TraceTo lets s tell of what it sends. It comes before Start.
func (s *Saver) TraceTo(t *trace.Set) {
	s.points = points{
		full:     t.Event(trace.BlockInitFull),
		shared:   t.Event(trace.BlockInitShared),
		save:     t.Event(trace.BlockSave),
		complete: t.Event(trace.BlockSaveComplete),
		unread:   t.Event(trace.BlockSaveDeviceDirty),
		pending:  t.Event(trace.BlockStatePending),
		progress: t.Event(trace.BlockProgression),
	}
}

// begins tells that a disk will be sent.
func (s *Saver) begins(d *disk) {
	e := s.points.full
	if s.options.Incremental {
		e = s.points.shared
	}
	e.Tell(trace.Str("blk_device_name", d.name))
}

// at tells of a stage: how many pieces are being read, none of which outlasts a
// call here, and how many have gone.
func (s *Saver) at(stage string) {
	s.points.save.Tell(trace.Str("mig_stage", stage), trace.Int("submitted", 0), trace.Int("transferred", s.pieces))
}
