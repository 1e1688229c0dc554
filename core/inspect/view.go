package inspect

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"

	"qmpmigrate/core/vmstate"
)

// WriteJSON writes the report as one line: a JSON object. err is what
// Read gave. The form is stable: members may be added, none changes its meaning.
//
//	size           bytes of the stream that were read
//	configuration  {machine, target-page-bits?, capabilities?, uuid?}
//	elements       [element] in the order of the stream, without gaps
//	ram            {total, pages, blocks: [{name, used-length, page-size?, gpa?, pages, start?, part?, end?}]}
//	description    {page-size, devices}, of the vmdescription
//	error          {message, section?, offset?}, only for a bad stream
//
// An element has kind (header, configuration, start, part, end, full, command,
// package, eof, vmdescription), offset and length, and by its kind
//
//	section   {id, name, instance, version, body-offset, body-length}
//	parts     of PART sections that share one element, how many
//	pages     {normal, zero, xbzrle?, compressed?}: records, where it has RAM records
//	command   {code, name, payload: hex}
//	package   [element]
//	device    node: the fields of a full section; absent where none describes them
//
// A node has name, type, offset (in the stream), size, and by its type index
// (of an element), version (of a device, struct or subsection), count (of an array of values), value (a
// number, a boolean, a string, or a list of them), raw (hex, where there is no
// value) and fields [node]. Names can repeat. The fields of a node cover all
// its bytes except the frames of subsections and lists.
func (r *Report) WriteJSON(w io.Writer, err error) error {
	v := reportView{Size: r.Size, Elements: elementViews(r.Elements)}
	if c := r.Configuration; c != nil {
		v.Configuration = &configurationView{c.Machine, c.PageBits, c.Capabilities, hex.EncodeToString(c.UUID)}
	}
	if r.RAM != nil {
		v.RAM = &ramView{Total: r.RAM.Total, Pages: pagesView(r.RAM.Pages), Blocks: blockViews(r.RAM.Blocks)}
	}
	if d := r.Description; d != nil {
		v.Description = &descriptionView{d.PageSize, d.Devices}
	}
	if err != nil {
		v.Error = &errorView{Message: err.Error()}
		if bad, ok := errors.AsType[*Error](err); ok {
			v.Error.Section, v.Error.Offset = bad.Section, &bad.Offset
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(&v)
}

func elementViews(elements []Element) []elementView {
	views := make([]elementView, len(elements))
	for i := range elements {
		e := &elements[i]
		v := &views[i]
		v.Kind, v.Offset, v.Length = e.Kind, e.Offset, e.Length
		if s := e.Section; s != nil {
			v.Section = &sectionView{s.ID, s.Name, s.Instance, s.Version, e.BodyOffset, e.BodyLength}
		}
		if e.Parts > 1 {
			v.Parts = e.Parts
		}
		if e.hasPages() {
			v.Pages = new(pagesView(e.Pages))
		}
		if e.Kind == KindCommand {
			v.Command = &commandView{uint16(e.Command), e.Command.String(), hex.EncodeToString(e.Payload)}
		}
		if e.Package != nil {
			v.Package = elementViews(e.Package)
		}
		if e.Device != nil {
			v.Device = new(nodeViewOf(e.Device, e.BodyOffset))
		}
	}
	return views
}

// hasPages says whether e is a section with records of RAM.
func (e *Element) hasPages() bool {
	return e.Section != nil && e.Kind != KindFull && e.Section.Name == ramName
}

func blockViews(blocks []Block) []blockView {
	views := make([]blockView, len(blocks))
	for i := range blocks {
		b := &blocks[i]
		views[i] = blockView{
			Name: b.Name, Used: b.Used, PageSize: b.PageSize, PagesOffset: b.PagesOffset, Pages: pagesView(b.Pages()),
			Start: pagesViewOf(&b.Start), Part: pagesViewOf(&b.Part), End: pagesViewOf(&b.End),
		}
		if b.HasGPA {
			views[i].GPA = &b.GPA
		}
	}
	return views
}

func pagesViewOf(p *Pages) *pagesView {
	if p.All() == 0 {
		return nil
	}
	return new(pagesView(*p))
}

func nodeViewOf(n *vmstate.Node, base int64) nodeView {
	v := nodeView{Name: n.Name, Type: n.Type, Version: n.Version, Offset: base + int64(n.Offset), Size: n.Size}
	if n.Index >= 0 {
		v.Index = &n.Index
	}
	if n.Count != 1 {
		v.Count = n.Count
	}
	if len(n.Children) > 0 {
		v.Fields = make([]nodeView, len(n.Children))
		for i := range n.Children {
			v.Fields[i] = nodeViewOf(&n.Children[i], base)
		}
		return v
	}
	if v.Value = finite(n.Value()); v.Value == nil {
		v.Raw = hex.EncodeToString(n.Raw)
	}
	return v
}
