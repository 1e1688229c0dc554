package readline

// escape is how much of an escape sequence was typed.
type escape int

const (
	noEscape escape = iota
	afterESC
	afterCSI // ESC [
	afterSS3 // ESC O
)

const maxNumber = 1 << 20 // of a sequence's parameter; larger ones mean nothing anyway

// escaped takes one byte of an escape sequence.
func (e *Editor) escaped(c byte) {
	switch e.escape {
	case afterESC:
		switch c {
		case '[':
			e.escape, e.number = afterCSI, 0
			return
		case 'O':
			e.escape = afterSS3
			return
		}
	case afterCSI:
		if c >= '0' && c <= '9' {
			e.number = min(e.number*10+int(c-'0'), maxNumber)
			return
		}
		e.sequence(c)
	case afterSS3:
		switch c {
		case 'F':
			e.cursor = len(e.line)
		case 'H':
			e.cursor = 0
		}
	}
	e.escape = noEscape
}

// sequence carries out ESC [ NUMBER c.
func (e *Editor) sequence(c byte) {
	switch c {
	case 'A', 'F':
		e.earlier()
	case 'B', 'E':
		e.later()
	case 'C':
		e.cursor = e.after(e.cursor)
	case 'D':
		e.cursor = e.before(e.cursor)
	case '~':
		switch e.number {
		case 1:
			e.cursor = 0
		case 3:
			e.delete(e.cursor, e.after(e.cursor))
		case 4:
			e.cursor = len(e.line)
		}
	}
}
