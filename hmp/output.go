package hmp

import (
	"bytes"
	"fmt"
	"strings"
)

// output collects what a command prints. Line ends become those of a terminal.
type output struct {
	text bytes.Buffer
	full bool // no more is taken
}

func (o *output) printf(format string, args ...any) { o.print(fmt.Sprintf(format, args...)) }

func (o *output) print(text string) {
	if o.full {
		return
	}
	if o.text.Len()+len(text) > maxOutput {
		o.full = true
		text = "\nToo much output: the rest is left out\n"
	}
	o.text.WriteString(strings.ReplaceAll(text, "\n", "\r\n"))
}

func (o *output) String() string { return o.text.String() }

// take returns what was printed so far, and forgets it.
func (o *output) take() []byte {
	b := bytes.Clone(o.text.Bytes())
	o.text.Reset()
	return b
}
