package golang

import "bytes"

// imports prints the imports that the text of a file needs.
func (p *printer) imports(body []byte) {
	p.line("import (")
	if bytes.Contains(body, []byte("context.")) {
		p.line("%q", "context")
		p.line("")
	}
	if bytes.Contains(body, []byte("qobject.")) {
		p.line("%q", "qmpmigrate/qapi/qobject")
	}
	p.line(")")
}
