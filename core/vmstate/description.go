// Package vmstate describes the state of a device as a table of fields, and
// writes, reads and takes apart what such tables put into a stream.
//
// A Description belongs to one instance: its fields hold pointers to the
// members of that instance.
//
//	func (t *ticker) state() *vmstate.Description {
//		return &vmstate.Description{
//			Name: "ticker", Version: 2, MinVersion: 1,
//			Fields: []vmstate.Field{
//				vmstate.Uint64("ticks", &t.ticks),
//				vmstate.Timer("next", &t.next),
//				vmstate.Uint8("level", &t.level, vmstate.Since(2)),
//			},
//		}
//	}
package vmstate

import (
	"fmt"
	"syscall"

	"qmpmigrate/core/stream"
)

// Description is the state of one device, of a part of one, or of a subsection.
type Description struct {
	// Name names the kind of state. The name of a subsection begins with the
	// name of the description it belongs to and a slash.
	Name string
	// Version is what Save writes and the newest that Load takes.
	Version uint32
	// MinVersion is the oldest version that Load takes.
	MinVersion uint32
	// Fields stand in the stream in this order, without gaps or tags.
	Fields []Field
	// Subsections follow the fields, each only while it is needed.
	Subsections []Subsection

	// Needed says whether a subsection is sent; nil means always.
	Needed func() bool
	// PreSave and PreLoad run before the first field.
	PreSave, PreLoad func() error
	// PostSave runs after everything was written, also after a failure.
	PostSave func() error
	// PostLoad runs after the last subsection was read; an error refuses the state.
	PostLoad func(version uint32) error
}

// Subsection is state that is sent only when it is needed, so that most
// streams stay readable for versions that do not know it.
type Subsection = *Description

// VersionID is the version that Save writes.
func (d *Description) VersionID() uint32 { return d.Version }

// Save writes the fields and the needed subsections. desc, which may be nil,
// gets the description of what was written, into the object that is open.
func (d *Description) Save(w *stream.Writer, desc *DescWriter) error {
	return d.save(w, desc, d.Version)
}

// Load reads a body of the given version. The error is a *LoadError, or one
// about the version or a subsection; errors.As finds a syscall.Errno in it.
func (d *Description) Load(r *stream.Reader, version uint32) error {
	if version > d.Version {
		return fail(syscall.EINVAL, "%s: incoming version_id %d is too new for local version_id %d",
			d.Name, version, d.Version)
	}
	if version < d.MinVersion {
		return fail(syscall.EINVAL, "%s: incoming version_id %d is too old for local minimum version_id %d",
			d.Name, version, d.MinVersion)
	}
	return d.load(r, version)
}

func (d *Description) save(w *stream.Writer, desc *DescWriter, version uint32) (err error) {
	if d.PreSave != nil {
		if err := d.PreSave(); err != nil {
			return fmt.Errorf("pre-save failed: %s: %w", d.Name, err)
		}
	}
	if d.PostSave != nil {
		defer func() {
			if e := d.PostSave(); e != nil && err == nil {
				err = fmt.Errorf("post-save failed: %s: %w", d.Name, e)
			}
		}()
	}
	desc.openState(d.Name, version)
	for i := range d.Fields {
		if err := d.saveField(i, w, desc, version); err != nil {
			return err
		}
	}
	desc.closeFields()
	if err := d.saveSubsections(w, desc); err != nil {
		return err
	}
	return w.Err()
}

func (d *Description) load(r *stream.Reader, version uint32) error {
	if d.PreLoad != nil {
		if err := d.PreLoad(); err != nil {
			return fmt.Errorf("pre-load failed: %s: %w", d.Name, err)
		}
	}
	for i := range d.Fields {
		if err := d.loadField(&d.Fields[i], r, version); err != nil {
			return err
		}
	}
	if err := d.loadSubsections(r); err != nil {
		return err
	}
	if d.PostLoad != nil {
		if err := d.PostLoad(version); err != nil {
			return fmt.Errorf("post-load failed: %s: %w", d.Name, err)
		}
	}
	return nil
}
