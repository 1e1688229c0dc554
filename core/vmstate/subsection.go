package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// marker opens a subsection; it has no meaning by itself, see nextSubsection.
const marker = 0x05

func (d *Description) saveSubsections(w *stream.Writer, desc *DescWriter) error {
	open := false
	for _, s := range d.Subsections {
		if s.Needed != nil && !s.Needed() {
			continue
		}
		if !open {
			desc.openSubsections()
			open = true
		}
		w.U8(marker)
		w.CountedString(s.Name)
		w.U32(s.Version)
		desc.openObject()
		if err := s.Save(w, desc); err != nil {
			return err
		}
		desc.closeObject()
	}
	if open {
		desc.closeList()
	}
	return nil
}

func (d *Description) loadSubsections(r *stream.Reader) error {
	for {
		name, ok := d.nextSubsection(r)
		if !ok {
			return nil
		}
		at := r.Offset()
		s := d.subsection(name)
		if s == nil {
			return &LoadError{d.Name, name, at, fail(syscall.ENOENT, "subsection %q is unknown here", name)}
		}
		r.Skip(int64(2 + len(name)))
		version := r.U32()
		err := r.Err()
		if err == nil {
			err = s.Load(r, version)
		}
		if err != nil {
			return &LoadError{d.Name, name, at, err}
		}
	}
}

// nextSubsection looks ahead for a subsection of d. Data that follows may
// begin with the marker's byte by chance, so only the name decides: what does
// not begin with d's name belongs to somebody else. It looks no further than
// it must, because a live stream may have no more bytes yet.
func (d *Description) nextSubsection(r *stream.Reader) (name string, ok bool) {
	b, err := r.Peek(1)
	if err != nil || b[0] != marker {
		return "", false
	}
	b, err = r.Peek(2)
	if err != nil || int(b[1]) < len(d.Name)+1 {
		return "", false
	}
	size := 2 + int(b[1])
	for i := range len(d.Name) {
		if b, err = r.Peek(3 + i); err != nil || b[2+i] != d.Name[i] {
			return "", false
		}
	}
	b, err = r.Peek(size)
	if err != nil {
		return "", false
	}
	return string(b[2:]), true
}

func (d *Description) subsection(name string) Subsection {
	for _, s := range d.Subsections {
		if s.Name == name {
			return s
		}
	}
	return nil
}
