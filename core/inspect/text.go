package inspect

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteText writes the report for people: a head, the RAM blocks, then every
// element with its offset, devices with their fields.
func (r *Report) WriteText(w io.Writer) error {
	t := &text{Writer: bufio.NewWriter(w)}
	t.line(0, "migration stream, %d bytes", r.Size)
	if c := r.Configuration; c != nil {
		t.line(0, "machine %s", c.Machine)
		if c.PageBits != 0 {
			t.line(1, "target page bits %d", c.PageBits)
		}
		if len(c.Capabilities) > 0 {
			t.line(1, "capabilities %s", strings.Join(c.Capabilities, ", "))
		}
		if c.UUID != nil {
			t.line(1, "uuid %x", c.UUID)
		}
	}
	if r.RAM != nil {
		t.ram(r.RAM)
	}
	t.line(0, "elements")
	t.elements(1, r.Elements)
	return t.Flush()
}

type text struct{ *bufio.Writer }

func (t *text) line(depth int, format string, a ...any) {
	for range depth {
		_, _ = t.WriteString("  ") // errors stick to the writer
	}
	fmt.Fprintf(t, format, a...)
	_ = t.WriteByte('\n')
}

func (t *text) ram(r *RAM) {
	t.line(0, "ram, 0x%x bytes in %d blocks: %s", r.Total, len(r.Blocks), r.Pages)
	for i := range r.Blocks {
		b := &r.Blocks[i]
		var more strings.Builder
		if b.PageSize != 0 {
			fmt.Fprintf(&more, ", page size 0x%x", b.PageSize)
		}
		if b.HasGPA {
			fmt.Fprintf(&more, ", gpa 0x%x", b.GPA)
		}
		if b.PagesOffset != 0 {
			fmt.Fprintf(&more, ", pages at 0x%x of the file", b.PagesOffset)
		}
		t.line(1, "%q, 0x%x bytes%s: %s", b.Name, b.Used, more.String(), b.Pages())
		for _, by := range []struct {
			kind  Kind
			pages Pages
		}{{KindStart, b.Start}, {KindPart, b.Part}, {KindEnd, b.End}} {
			if by.pages.All() > 0 && by.pages != b.Pages() {
				t.line(2, "in %s sections: %s", by.kind, by.pages)
			}
		}
	}
}

// String counts for people.
func (p Pages) String() string {
	s := fmt.Sprintf("%d normal, %d zero pages", p.Normal, p.Zero)
	if p.XBZRLE > 0 {
		s += fmt.Sprintf(", %d xbzrle", p.XBZRLE)
	}
	if p.Compressed > 0 {
		s += fmt.Sprintf(", %d compressed", p.Compressed)
	}
	return s
}

func (t *text) elements(depth int, elements []Element) {
	for i := range elements {
		e := &elements[i]
		head := fmt.Sprintf("0x%08x %s, %d bytes", e.Offset, e.Kind, e.Length)
		switch {
		case e.Section != nil:
			t.line(depth, "%s: %q instance %d version %d, section %d%s", head,
				e.Section.Name, e.Section.Instance, e.Section.Version, e.Section.ID, e.detail())
		case e.Kind == KindCommand:
			t.line(depth, "%s: %s", head, strings.TrimSpace(fmt.Sprintf("%s %x", e.Command, e.Payload)))
		default:
			t.line(depth, "%s", head)
		}
		t.elements(depth+1, e.Package)
		if e.Device != nil {
			t.nodes(depth+1, e.Device.Children, e.BodyOffset)
		}
	}
}

func (e *Element) detail() string {
	s := fmt.Sprintf(", body %d", e.BodyLength)
	if e.Parts > 1 {
		s += fmt.Sprintf(", %d sections", e.Parts)
	}
	if e.hasPages() {
		s += ", " + e.Pages.String()
	}
	return s
}
