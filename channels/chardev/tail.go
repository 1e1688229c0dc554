package chardev

// tail remembers the last limit bytes that were added to it.
type tail struct {
	limit int
	text  []byte // up to twice as many, so that each byte is moved once at most
}

func (t *tail) add(b []byte) {
	t.text = append(t.text, b...)
	if len(t.text) > 2*t.limit {
		t.text = append(t.text[:0], t.last()...)
	}
}

// last is valid until something is added.
func (t *tail) last() []byte { return t.text[max(len(t.text)-t.limit, 0):] }

func (t *tail) reset() { t.text = t.text[:0] }
