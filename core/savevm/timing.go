package savevm

import (
	"time"

	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Timed is told how long the last section of a device took, which is all there
// is of one that is not iterable.
type Timed func(t Timing)

// Timing is how long a device's last section took.
type Timing struct {
	IDStr    string
	Instance uint32
	Live     bool // iterable
	Began    time.Time
	Took     time.Duration
}

// lasts says whether a section of this kind is its device's last.
func lasts(kind wire.SectionType) bool { return kind == wire.SectionFull || kind == wire.SectionEnd }

// time tells of a section that began at a moment and is over.
func (f Timed) time(e *trace.Event, kind wire.SectionType, idstr string, instance uint32, began time.Time) {
	if f == nil && !e.On() {
		return
	}
	t := Timing{IDStr: idstr, Instance: instance, Live: kind == wire.SectionEnd, Began: began, Took: time.Since(began)}
	if e.On() {
		how := "non-iterable"
		if t.Live {
			how = "iterable"
		}
		e.Tell(trace.Str("type", how), trace.Str("idstr", idstr), trace.Int("instance_id", int32(instance)),
			trace.Int("downtime", t.Took.Microseconds()))
	}
	if f != nil {
		f(t)
	}
}
