package readline

import (
	"slices"
	"unicode/utf8"
)

// Completer finds how a line that ends at the cursor can go on. Candidates begin with the last typed bytes of line.
type Completer func(line string) (candidates []string, typed int)

// Editor is one line that is being edited, with a history of others.
type Editor struct {
	prompt   string
	history  *History
	complete Completer

	line     []byte
	cursor   int
	recalled int // index into the history of the line that was called up, or -1

	shown   display
	escape  escape
	number  int    // parameter of an escape sequence
	partial []byte // the beginning of a character of several bytes
	pending []byte // what is to be written to the terminal
}

// NewEditor returns an editor with an empty line.
func NewEditor(prompt string, history *History, complete Completer) *Editor {
	return &Editor{prompt: prompt, history: history, complete: complete, recalled: -1}
}

// Prompt returns what shows the prompt and a line that is being edited. The terminal's cursor must be at the left.
func (e *Editor) Prompt() []byte {
	e.write(e.prompt)
	e.shown = display{}
	e.escape = noEscape
	e.show()
	return e.flush()
}

// Key takes one byte that was typed, and returns what to write to the terminal. When it ends the line, the line is
// returned, too, and the next one begins.
func (e *Editor) Key(c byte) (output []byte, line string, entered bool) {
	if c < ' ' {
		e.insertPartial()
	}
	if e.escape == noEscape && (c == '\n' || c == '\r') {
		line = string(e.line)
		e.history.Add(line)
		e.recalled = -1
		e.line, e.cursor, e.shown = e.line[:0], 0, display{}
		e.write("\r\n")
		return e.flush(), line, true
	}
	e.key(c)
	e.show()
	return e.flush(), "", false
}

// key carries out one key that does not end the line.
func (e *Editor) key(c byte) {
	if e.escape != noEscape {
		e.escaped(c)
		return
	}
	switch c {
	case ctrl('A'):
		e.cursor = 0
	case ctrl('D'):
		e.delete(e.cursor, e.after(e.cursor))
	case ctrl('E'):
		e.cursor = len(e.line)
	case '\b', 0x7f:
		e.insertPartial()
		e.delete(e.before(e.cursor), e.cursor)
	case '\t':
		e.completion()
	case ctrl('L'):
		e.write("\x1b[2J\x1b[1;1H" + e.prompt)
		e.shown = display{}
	case ctrl('N'):
		e.later()
	case ctrl('P'):
		e.earlier()
	case ctrl('U'):
		e.delete(0, e.cursor)
	case ctrl('W'):
		e.delete(e.wordStart(), e.cursor)
	case 0x1b:
		e.escape = afterESC
	case 0x9b:
		if len(e.partial) == 0 { // otherwise a character goes on
			e.escape, e.number = afterCSI, 0
			return
		}
		fallthrough
	default:
		if c >= ' ' {
			e.partial = append(e.partial, c)
		}
		if utf8.FullRune(e.partial) {
			e.insertPartial()
		}
	}
}

// insertPartial inserts what was typed of a character, even if it is not all of it.
func (e *Editor) insertPartial() {
	e.insert(string(e.partial))
	e.partial = e.partial[:0]
}

// ctrl is the byte that a letter gives together with the control key.
func ctrl(letter byte) byte { return letter - '@' }

// insert puts text before the cursor, if there is room.
func (e *Editor) insert(text string) {
	if len(text) > maxLine-len(e.line) {
		return
	}
	e.line = slices.Insert(e.line, e.cursor, []byte(text)...)
	e.cursor += len(text)
}

// delete removes the bytes from i to j, and leaves the cursor where they were.
func (e *Editor) delete(i, j int) {
	e.line = slices.Delete(e.line, i, j)
	e.cursor = i
}

// before and after are the places beside i. A character of several bytes is one step.
func (e *Editor) before(i int) int {
	for i--; i > 0 && continues(e.line[i]); i-- {
	}
	return max(i, 0)
}

func (e *Editor) after(i int) int {
	for i++; i < len(e.line) && continues(e.line[i]); i++ {
	}
	return min(i, len(e.line))
}

// continues tells whether a byte belongs to the character that began before it.
func continues(c byte) bool { return c&0xc0 == 0x80 }

// wordStart is where the word before the cursor begins.
func (e *Editor) wordStart() int {
	i := e.cursor
	for i > 0 && isSpace(e.line[i-1]) {
		i--
	}
	for i > 0 && !isSpace(e.line[i-1]) {
		i--
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// earlier calls up the line before the one that is shown, later the one after it.
func (e *Editor) earlier() {
	lines := e.history.Lines()
	switch {
	case e.recalled < 0:
		e.recall(len(lines) - 1)
	case e.recalled > 0:
		e.recall(e.recalled - 1)
	}
}

func (e *Editor) later() {
	if e.recalled < 0 {
		return
	}
	if e.recalled+1 < len(e.history.Lines()) {
		e.recall(e.recalled + 1)
		return
	}
	e.recalled, e.line, e.cursor = -1, e.line[:0], 0
}

func (e *Editor) recall(i int) {
	if i < 0 {
		return
	}
	e.recalled = i
	e.line = append(e.line[:0], e.history.Lines()[i]...)
	e.cursor = len(e.line)
}
