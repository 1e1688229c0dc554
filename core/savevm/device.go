// Package savevm writes and reads the stream that surrounds what the movers
// carry: the header, the configuration, sections and their footers, commands,
// and the description of all device state at the end.
package savevm

import (
	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
)

// State is device state that can be written and read; a *vmstate.Description is one.
type State interface {
	// VersionID is the version that Save writes and the newest that Load takes.
	VersionID() uint32
	// Save writes the body of the section. desc, which may be nil, gets
	// its description.
	Save(w *stream.Writer, desc *vmstate.DescWriter) error
	// Load reads a body of the given version.
	Load(r *stream.Reader, version uint32) error
}

// Device is one entry of the stream: the FULL section IDStr, Instance.
type Device struct {
	IDStr    string
	Instance uint32
	State    State
}
