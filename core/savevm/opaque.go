package savevm

import (
	"errors"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
)

// maxOpaque bounds all opaque bodies of one stream together. Their length is
// not announced, so this is also what a stream without end can cost. A graphics
// card's holds what it shows: 32 MiB for a screen of 3840 by 2160.
const maxOpaque = 256 << 20

// maxKept bounds the bodies of iterable sections that nobody knows, in bytes: the
// state of a passed-through graphics card is some GiB.
const maxKept = 64 << 30

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

// bodies makes the bodies of one stream that nobody here knows.
type bodies struct {
	size int    // of all of them
	free []byte // room for the next one
}

// bodyRoom is for many bodies of usual size, in bytes.
const bodyRoom = 256 << 10

// read takes the next body up to end, and no more than limit of all of them.
func (all *bodies) read(r *stream.Reader, end vmstate.BodyEnd, limit int) ([]byte, error) {
	if cap(all.free) == 0 {
		all.free = make([]byte, 0, bodyRoom)
	}
	body, err := end.ReadBody(r, all.free, limit-all.size)
	all.size += len(body)
	all.free = body[len(body):]
	return body[:len(body):len(body)], err
}
