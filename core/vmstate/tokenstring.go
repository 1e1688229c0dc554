package vmstate

import "encoding/json"

// string takes a string.
func (t *tokens) string(to *string) error {
	if err := t.want('"'); err != nil {
		return err
	}
	start, escaped := t.pos, false
	for ; t.pos < len(t.text); t.pos++ {
		switch c := t.text[t.pos]; {
		case c == '"':
			raw := t.text[start:t.pos]
			t.pos++
			if escaped {
				return t.unescape(to, start-1)
			}
			*to = t.keep(raw)
			return nil
		case c == '\\':
			escaped = true
			t.pos++
		case c < ' ':
			return t.errorf("byte 0x%02x in a string", c)
		}
	}
	t.pos = len(t.text)
	return t.unexpected("")
}

// keep gives raw as a string, the same one each time.
func (t *tokens) keep(raw []byte) string {
	s, ok := t.known[string(raw)]
	if !ok {
		s = string(raw)
		t.known[s] = s
	}
	return s
}

// unescape decodes the string that begins at start and ends at pos.
func (t *tokens) unescape(to *string, start int) error {
	if err := json.Unmarshal(t.text[start:t.pos], to); err != nil {
		return t.errorf("%w", err)
	}
	return nil
}
