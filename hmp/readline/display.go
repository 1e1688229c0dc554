package readline

import "bytes"

// display is what the terminal shows after the prompt, and where its cursor is.
type display struct {
	line   []byte
	cursor int
}

// show brings the display to the line: what is right already stays, the rest is written anew.
func (e *Editor) show() {
	if !bytes.Equal(e.shown.line, e.line) {
		same := commonPrefix(e.shown.line, e.line)
		for same > 0 && same < len(e.line) && continues(e.line[same]) {
			same--
		}
		e.move(same)
		e.pending = append(e.pending, e.line[same:]...)
		if columns(e.shown.line[same:]) > 0 {
			e.write("\x1b[K")
		}
		e.shown.line = append(e.shown.line[:same], e.line[same:]...)
		e.shown.cursor = len(e.line)
	}
	e.move(e.cursor)
}

// move takes the terminal's cursor to a place in the line that it shows.
func (e *Editor) move(to int) {
	for range columns(e.shown.line[min(to, e.shown.cursor):e.shown.cursor]) {
		e.write("\x1b[D")
	}
	for range columns(e.shown.line[e.shown.cursor:max(to, e.shown.cursor)]) {
		e.write("\x1b[C")
	}
	e.shown.cursor = to
}

// columns is how many of them text takes.
func columns(text []byte) (n int) {
	for _, c := range text {
		if !continues(c) {
			n++
		}
	}
	return n
}

func commonPrefix(a, b []byte) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (e *Editor) write(text string) { e.pending = append(e.pending, text...) }

// flush hands over what is to be written.
func (e *Editor) flush() []byte {
	output := e.pending
	e.pending = nil
	return output
}
