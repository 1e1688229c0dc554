package vmstate

import (
	"fmt"
	"io"
	"strconv"
)

const (
	// MaxDescription bounds the text of a description: a machine with hundreds
	// of vCPUs has a few MiB.
	MaxDescription = 16 << 20
	// maxDescDepth bounds nesting of JSON values; QEMU's deepest devices need about 20.
	maxDescDepth = 128
	// maxDescObjects bounds what a description costs in memory: a vCPU has
	// about 300 objects.
	maxDescObjects = 1 << 18
)

// tokens walks over JSON. Unlike the usual decoders it lets keys repeat, and
// it is quick: the text of a large machine has a million tokens.
type tokens struct {
	text    []byte
	pos     int
	depth   int
	objects int
	known   map[string]string // texts seen, to keep each of them once
}

func newTokens(text []byte) *tokens {
	return &tokens{text: text, known: map[string]string{}}
}

func (t *tokens) errorf(format string, a ...any) error {
	return fmt.Errorf("vmdescription: at byte %d: %w", t.pos, fmt.Errorf(format, a...))
}

// next looks at the first byte of the next token; at the end it is 0.
func (t *tokens) next() byte {
	for ; t.pos < len(t.text); t.pos++ {
		switch c := t.text[t.pos]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

// want takes the byte c.
func (t *tokens) want(c byte) error {
	if t.next() != c || t.pos == len(t.text) {
		return t.unexpected(fmt.Sprintf("%q", c))
	}
	t.pos++
	return nil
}

func (t *tokens) unexpected(wanted string) error {
	if t.next(); t.pos == len(t.text) {
		return t.errorf("%w", io.ErrUnexpectedEOF)
	}
	return t.errorf("%q instead of %s", t.text[t.pos], wanted)
}

// sequence takes what stands between two brackets, with commas between.
func (t *tokens) sequence(open, close byte, item func() error) error {
	if err := t.want(open); err != nil {
		return err
	}
	if t.depth++; t.depth > maxDescDepth {
		return t.errorf("nested deeper than %d", maxDescDepth)
	}
	if t.objects++; t.objects > maxDescObjects {
		return t.errorf("more than %d objects", maxDescObjects)
	}
	for first := true; t.next() != close; first = false {
		if !first {
			if err := t.want(','); err != nil {
				return err
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	t.pos++
	t.depth--
	return nil
}

// object calls member for each key; member takes the value.
func (t *tokens) object(member func(key string) error) error {
	return t.sequence('{', '}', func() error {
		var key string
		if err := t.string(&key); err != nil {
			return err
		}
		if err := t.want(':'); err != nil {
			return err
		}
		return member(key)
	})
}

// list calls element before each element; element takes it.
func (t *tokens) list(element func() error) error {
	return t.sequence('[', ']', element)
}

// skip takes a value whose content does not matter.
func (t *tokens) skip() error {
	switch c := t.next(); c {
	case '{':
		return t.object(func(string) error { return t.skip() })
	case '[':
		return t.list(t.skip)
	case '"':
		return t.string(new(string))
	}
	if len(t.word()) == 0 {
		return t.unexpected("a value")
	}
	return nil
}

// word takes a number or a literal.
func (t *tokens) word() []byte {
	t.next()
	start := t.pos
	for ; t.pos < len(t.text); t.pos++ {
		c := t.text[t.pos]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '+' && c != '.' {
			break
		}
	}
	return t.text[start:t.pos]
}

// number takes an integer from 0 to max.
func (t *tokens) number(to *int64, max int64) error {
	w := t.word()
	if len(w) == 0 {
		return t.unexpected("a number")
	}
	v, err := strconv.ParseInt(string(w), 10, 64)
	if err != nil || v < 0 || v > max {
		return t.errorf("%q is not a number from 0 to %d", w, max)
	}
	*to = v
	return nil
}
