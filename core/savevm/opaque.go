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
// section as it came.
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

// Save writes the body as it came, and describes it as so many bytes.
func (o *Opaque) Save(w *stream.Writer, desc *vmstate.DescWriter) error {
	w.Ref(o.Body)
	desc.Opaque(int64(len(o.Body)))
	return w.Err()
}

var errOpaqueLoad = errors.New("an opaque section can be loaded only from a stream")

// Load is not possible: only the surrounding stream tells where the body ends.
func (o *Opaque) Load(*stream.Reader, uint32) error { return errOpaqueLoad }

// bodies holds the opaque bodies of one stream. It never grows, so that bodies
// need not move; what is not used of it is never touched.
type bodies []byte

// read takes the body of the section h. known says which ids a PART or END
// section may have, packaged whether the section stands in a package.
func (all *bodies) read(r *stream.Reader, h *wire.SectionHeader, o *Opaque, known func(id uint32) bool, packaged bool) error {
	if *all == nil {
		*all = make([]byte, 0, maxOpaque)
	}
	begin, offset := len(*all), r.Offset()
	end := vmstate.BodyEnd{ID: h.ID, Known: known, Packaged: packaged}
	whole, err := end.ReadBody(r, *all, cap(*all)-begin)
	*all = whole
	*o = Opaque{Version: h.Version, Offset: offset, Body: whole[begin:len(whole):len(whole)]}
	return err
}
