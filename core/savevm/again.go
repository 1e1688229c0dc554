package savevm

import (
	"bytes"
	"fmt"
	"maps"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Devices writes the state of devices by itself to w: FULL sections, with the
// numbers that they have in the stream, and EOF.
func (s *Saver) Devices(w *stream.Writer, devices []Device) error {
	inner := &Saver{Format: s.Format, w: w, last: s.last, ids: s.ids, trace: s.trace}
	defer func() { s.last = inner.last }() // as its ids are this one's, too
	for _, d := range devices {
		if err := inner.Device(d); err != nil {
			return err
		}
	}
	w.U8(uint8(wire.EOF))
	return w.Flush()
}

// EOF ends sections that were written after the stream.
func (s *Saver) EOF() { s.w.U8(uint8(wire.EOF)) }

// Devices loads state that a Saver's Devices wrote, after the stream around it.
// Nothing else may stand there. Errors are *LoadError.
func (l *Loader) Devices(body []byte) error {
	inner := &Loader{Format: l.Format, Target: l.Target, Command: inDevices, trace: l.trace,
		sections: map[uint32]*section{}, nested: true}
	r := stream.NewReader(bytes.NewReader(body))
	if err := inner.elements(r); err != nil {
		return err
	}
	if left := int64(len(body)) - r.Offset(); left > 0 {
		return fail(r, "device state", fmt.Errorf("%d bytes stand behind its end", left))
	}
	return nil
}

// Keep lets no section go on that was begun but those called idstr.
func (l *Loader) Keep(idstr string) {
	maps.DeleteFunc(l.sections, func(_ uint32, s *section) bool { return s.IDStr != idstr })
}

func inDevices(wire.CommandCode, []byte) error { return errOutOfPlace }
