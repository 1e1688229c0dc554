package savevm

import (
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Keeper is a Target that keeps iterable sections which nobody here knows, and
// sends them on as they came.
type Keeper interface {
	// Keep gives where one goes that has just begun: one with nothing in it.
	Keep(idstr string, instance, version uint32) *Kept
}

// Kept is such a section: its bodies as they came. It is the Source of a Live,
// but not bound to what its writer has room for: a body goes out whole.
type Kept struct {
	start, end []byte
	parts      [][]byte
	size       uint64 // of those, in bytes
	ended      bool
	sent       int // parts that went out since Start
	gone       uint64
}

// Ended says whether all of it is here.
func (k *Kept) Ended() bool { return k.ended }

// take keeps a body.
func (k *Kept) take(kind wire.SectionType, body []byte) {
	switch kind {
	case wire.SectionPart:
		k.parts = append(k.parts, body)
		k.size += uint64(len(body))
	case wire.SectionEnd:
		k.end, k.ended = body, true
	default:
		k.start = body
	}
}

// Start writes the START body.
func (k *Kept) Start(w *stream.Writer, _ time.Time) error {
	k.sent, k.gone = 0, 0
	w.Ref(k.start)
	return nil
}

// Pending is the size of the parts that did not go out yet.
func (k *Kept) Pending() uint64 { return k.size - k.gone }

// Sync is Pending: nothing changes.
func (k *Kept) Sync(time.Time) uint64 { return k.Pending() }

// Active says whether there is another part.
func (k *Kept) Active() bool { return k.sent < len(k.parts) }

// Iterate writes the next part.
func (k *Kept) Iterate(w *stream.Writer, _ func() int64) error {
	part := k.parts[k.sent]
	w.Ref(part)
	k.sent++
	k.gone += uint64(len(part))
	return nil
}

// Complete writes the END body.
func (k *Kept) Complete(w *stream.Writer) error {
	w.Ref(k.end)
	return nil
}

// Close has nothing to give up.
func (k *Kept) Close() {}
