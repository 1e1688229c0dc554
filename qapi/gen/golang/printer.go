package golang

import (
	"bytes"
	"fmt"
	"strings"
)

// printer collects source text. gofmt sets it right afterwards.
type printer struct{ bytes.Buffer }

func (p *printer) line(format string, a ...any) { fmt.Fprintf(p, format+"\n", a...) }

// commentWidth is where comments break.
const commentWidth = 110

// comment prints paragraphs as a comment; nothing for an empty text. Paragraphs are parted by empty lines, and indented
// lines stay as they are.
func (p *printer) comment(text string) {
	if text == "" {
		return
	}
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			p.line("//")
		}
		p.paragraph(paragraph)
	}
}

func (p *printer) paragraph(text string) {
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > commentWidth && line != "//" {
			p.line("%s", line)
			line = "//"
		}
		line += " " + word
	}
	p.line("%s", line)
}

// lower makes a sentence go on after a colon; names and abbreviations at its start stay as they are.
func lower(text string) string {
	if len(text) > 1 && strings.ToLower(text[1:2]) == text[1:2] {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}
