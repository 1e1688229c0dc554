package migration

import (
	"sync"
	"time"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// stages is where the downtime of one end goes: one part after the other, and
// what the devices took of them.
type stages struct {
	points *trace.Event

	mu          sync.Mutex
	began, last time.Time
	parts       []qapi.DowntimePart
	devices     []qapi.DowntimeDevice
}

// Names of the parts.
const (
	partStop     = "stop"         // the VM stops
	partPause    = "pause"        // pause-before-switchover
	partRAM      = "last-ram"     // the last of all that went out while the VM ran
	partDevices  = "devices"      // device state
	partFreeze   = "freeze"       // background-snapshot: memory is kept as it is
	partTransfer = "transfer"     // what was still in buffers
	partConfirm  = "confirmation" // the destination's last word
	partPackage  = "package"      // postcopy: the device state as a whole
	partSettle   = "settle"       // the end of the stream, and what is made of all that came
	partStart    = "start"        // the VM starts
)

// begin begins anew.
func (s *stages) begin(now time.Time, checkpoint string) {
	s.mu.Lock()
	s.began, s.last, s.parts, s.devices = now, now, nil, nil
	s.mu.Unlock()
	s.checkpoint(checkpoint)
}

// passed ends a part, under the name that QEMU has for the moment, if it has
// one. A part that is like the one before continues it.
func (s *stages) passed(part, checkpoint string) {
	s.mu.Lock()
	if now := time.Now(); !s.began.IsZero() {
		s.add(part, now.Sub(s.last))
		s.last = now
	}
	s.mu.Unlock()
	s.checkpoint(checkpoint)
}

func (s *stages) add(part string, took time.Duration) {
	if n := len(s.parts); n == 0 || s.parts[n-1].Name != part {
		s.parts = append(s.parts, qapi.DowntimePart{Name: part})
	}
	s.parts[len(s.parts)-1].Microseconds += took.Microseconds()
}

// maxTimed bounds how many devices are told of: a stream may have any number.
const maxTimed = 1024

// device takes note of a device's last section. It is a savevm.Timed.
func (s *stages) device(t savevm.Timing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.devices) == maxTimed {
		return
	}
	s.devices = append(s.devices, qapi.DowntimeDevice{ID: t.IDStr, Instance: t.Instance, Microseconds: t.Took.Microseconds()})
}

// arrived is device for a destination, whose downtime begins with the first of
// them: it cannot know when the VM was stopped.
func (s *stages) arrived(t savevm.Timing) {
	s.mu.Lock()
	fresh := s.began.IsZero()
	s.mu.Unlock()
	if fresh {
		s.begin(t.Began, "")
	}
	s.device(t)
	if t.Live {
		s.passed(partRAM, "")
	} else {
		s.passed(partDevices, "")
	}
}

func (s *stages) checkpoint(name string) {
	if name != "" {
		s.points.Tell(trace.Str("checkpoint", name))
	}
}

// report is what is known; nil before the downtime begins.
func (s *stages) report() *qapi.DowntimeSide {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() {
		return nil
	}
	return &qapi.DowntimeSide{
		Parts:        append([]qapi.DowntimePart{}, s.parts...),
		Devices:      append([]qapi.DowntimeDevice{}, s.devices...),
		Microseconds: s.last.Sub(s.began).Microseconds(),
	}
}

// Downtime is x-query-downtime.
func (m *Migration) Downtime() *qapi.DowntimeInfo {
	info := &qapi.DowntimeInfo{}
	out, in := m.current()
	if out != nil {
		info.Source = out.stages.report()
	}
	if in != nil {
		info.Destination = in.stages.report()
	}
	return info
}
