package inspect

import (
	"errors"
	"fmt"
	"io"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Read reads a stream to its end. The report holds what was read before an
// error too; errors about the stream are *Error.
func Read(src io.Reader) (*Report, error) {
	in := &input{
		r:        stream.NewReader(src),
		report:   &Report{},
		sections: map[uint32]*Section{},
		state:    maxState,
		elements: maxElements,
	}
	in.list = &in.report.Elements
	err := in.stream()
	in.report.Size = in.at()
	return in.report, err
}

// input is a stream, or a package inside one, that is being read.
type input struct {
	r        *stream.Reader
	base     int64      // where r begins in the stream
	list     *[]Element // where elements go
	packaged bool

	report   *Report
	sections map[uint32]*Section
	ram      ramReader
	state    int  // bytes that device state may still take
	elements int  // elements that may still come
	postcopy bool // devices came in a package, no description follows
}

// at is the offset in the stream.
func (in *input) at() int64 { return in.base + in.r.Offset() }

func (in *input) fail(section string, err error) error {
	return &Error{section, in.at(), ends(err)}
}

func (in *input) stream() error {
	if err := in.header(); err != nil {
		return err
	}
	for {
		kind, err := in.element()
		if err != nil {
			return err
		}
		if kind == wire.EOF {
			break
		}
	}
	if err := in.description(); err != nil {
		return err
	}
	if _, err := in.r.Peek(1); err == nil {
		return in.fail("end", errors.New("bytes follow the end of the stream"))
	}
	return nil
}

// add appends an element that begins at offset and ends here.
func (in *input) add(e Element, offset int64) error {
	e.Offset, e.Length = offset, in.at()-offset
	if list := *in.list; e.Kind == KindPart && len(list) >= manyParts {
		if last := &list[len(list)-1]; last.Kind == KindPart && last.Section == e.Section {
			last.Length += e.Length
			last.Parts++
			last.Pages.add(&e.Pages)
			return nil
		}
	}
	if in.elements == 0 {
		return in.fail(string(e.Kind), fmt.Errorf("more than %d elements", maxElements))
	}
	in.elements--
	*in.list = append(*in.list, e)
	return nil
}

func (in *input) header() error {
	magic, version := in.r.U32(), in.r.U32()
	if err := in.r.Err(); err != nil {
		return in.fail("header", err)
	}
	if err := wire.CheckHeader(magic, version); err != nil {
		return in.fail("header", err)
	}
	if err := in.add(Element{Kind: KindHeader}, 0); err != nil {
		return err
	}
	return in.configuration()
}

// element reads one element of the section level.
func (in *input) element() (wire.SectionType, error) {
	start := in.at()
	kind := wire.SectionType(in.r.U8())
	if err := in.r.Err(); err != nil {
		return 0, in.fail("section header", err)
	}
	switch kind {
	case wire.EOF:
		return kind, in.add(Element{Kind: KindEOF}, start)
	case wire.SectionStart, wire.SectionFull:
		return kind, in.first(kind, start)
	case wire.SectionPart, wire.SectionEnd:
		return kind, in.later(kind, start)
	case wire.Command:
		return kind, in.command(start)
	}
	return kind, in.fail("section header", fmt.Errorf("Unknown savevm section type %d", kind))
}
