package savevm

import (
	"errors"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// maxOpaque bounds all opaque bodies of one stream together. Their length is
// not announced, so this is also what a stream without end can cost.
const maxOpaque = 48 << 20

// Opaque is the state of a device that nobody here knows: the body of its
// section as it came. It is sent on without a description of its own.
type Opaque struct {
	// Version is the body's.
	Version uint32
	// Body holds the bytes between the section's header and its footer.
	Body []byte
	// Offset is where in its stream the body began.
	Offset int64
}

// VersionID is the version that the body came with.
func (o *Opaque) VersionID() uint32 { return o.Version }

// Save writes the body as it came.
func (o *Opaque) Save(w *stream.Writer, _ *vmstate.DescWriter) error {
	w.Ref(o.Body)
	return w.Err()
}

var errOpaqueLoad = errors.New("an opaque section can be loaded only from a stream")

// Load is not possible: only the surrounding stream tells where the body ends.
func (o *Opaque) Load(*stream.Reader, uint32) error { return errOpaqueLoad }

// read takes the body of the section h, of at most limit bytes. known says
// which ids a PART or END section may have.
func (o *Opaque) read(r *stream.Reader, h *wire.SectionHeader, limit int, known func(id uint32) bool) error {
	o.Version, o.Offset = h.Version, r.Offset()
	end := vmstate.BodyEnd{ID: h.ID, Known: known}
	body, err := end.ReadBody(r, limit)
	o.Body = body
	return err
}
