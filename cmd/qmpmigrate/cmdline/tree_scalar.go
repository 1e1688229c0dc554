package cmdline

import (
	"slices"

	"qmpmigrate/qapi/scalar"
)

// The readers of scalars return the zero value and false for a member that is absent or wrong.

func (t *tree) string(name string) (string, bool) {
	value, ok := t.scalar(name)
	if !ok {
		return "", false
	}
	text, ok := value.(string)
	if !ok {
		t.wrongType(name, "string")
	}
	return text, ok
}

func (t *tree) bool(name string) (value, ok bool) {
	raw, ok := t.scalar(name)
	if !ok {
		return false, false
	}
	if t.text {
		if value, ok = scalar.Bool(raw.(string)); !ok {
			t.fail(expects(t.path+name, "'on' or 'off'"))
		}
		return value, ok
	}
	if value, ok = raw.(bool); !ok {
		t.wrongType(name, "boolean")
	}
	return value, ok
}

func (t *tree) int(name string) (int64, bool) {
	raw, ok := t.scalar(name)
	if !ok {
		return 0, false
	}
	if t.text {
		value, err := scalar.Int(raw.(string))
		if err != nil {
			t.fail(expects(t.path+name, "integer"))
		}
		return value, err == nil
	}
	value, ok := raw.(int64)
	if !ok {
		t.wrongType(name, "integer")
	}
	return value, ok
}

// uint reads a number of at most limit, which ctype names in C's words.
func (t *tree) uint(name string, limit uint64, ctype string) (uint64, bool) {
	raw, ok := t.scalar(name)
	if !ok {
		return 0, false
	}
	var value uint64
	if t.text {
		var err error
		if value, err = scalar.Uint(raw.(string)); err != nil {
			t.fail(expects(t.path+name, "integer"))
			return 0, false
		}
	} else if value, ok = jsonUint(raw); !ok {
		t.fail(expects(t.path+name, "uint64"))
		return 0, false
	}
	if value > limit {
		t.fail(expects(t.path+name, ctype))
		return 0, false
	}
	return value, true
}

func (t *tree) size(name string) (uint64, bool) {
	raw, ok := t.scalar(name)
	if !ok {
		return 0, false
	}
	if t.text {
		value, err := scalar.Size(raw.(string))
		if err != nil {
			t.fail(expects(t.path+name, "size"))
		}
		return value, err == nil
	}
	value, ok := jsonUint(raw)
	if !ok {
		t.fail(expects(t.path+name, "uint64"))
		return 0, false
	}
	// A negative size would wrap to one that nothing can hold.
	if n, signed := raw.(int64); signed && n < 0 {
		t.fail(fail("Value '%d' is out of range for parameter '%s%s'", n, t.path, name))
		return 0, false
	}
	return value, true
}

// jsonUint takes a whole number; a negative one wraps, as it always did in QMP.
func jsonUint(raw any) (uint64, bool) {
	switch n := raw.(type) {
	case int64:
		return uint64(n), true
	case uint64:
		return n, true
	}
	return 0, false
}

// enum reads one of values. Its complaint names the member without its path.
func (t *tree) enum(name string, values ...string) (string, bool) {
	value, ok := t.string(name)
	if ok && !slices.Contains(values, value) {
		t.fail(notAccepted(name, value))
		ok = false
	}
	return value, ok
}
