package cmdline

import (
	"slices"
	"strconv"
	"strings"

	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// String returns the kind as lists of properties show it.
func (k fieldKind) String() string {
	switch k {
	case fieldBool:
		return "bool"
	case fieldUint16, fieldUint32, fieldUint64, fieldInt64, fieldSize:
		return "int"
	case fieldNumbers, fieldStrings, fieldStructs:
		return "list"
	}
	return "string"
}

// readText converts the items of -object's text form. Its messages are not those of key=value text, dotted keys do not
// exist, and a list is a repeated key.
func readText(o *opts, fields []field, out *qobject.Dict) error {
	for _, f := range fields {
		value, ok := o.lookup(f.name)
		if !ok {
			if f.need {
				return missing(f.name)
			}
			continue
		}
		var typed any
		var err error
		if f.kind == fieldNumbers {
			typed, err = textNumbers(o, f)
		} else {
			typed, err = textScalar(f, value)
		}
		if err != nil {
			return err
		}
		out.Set(f.name, typed)
	}
	for _, it := range o.items {
		known := func(f field) bool { return f.name == it.key }
		if it.key != "qom-type" && !slices.ContainsFunc(fields, known) {
			return invalidParameter(it.key)
		}
	}
	return nil
}

func textScalar(f field, value string) (any, error) {
	switch f.kind {
	case fieldBool:
		on, ok := scalar.Bool(value)
		if !ok {
			return nil, expects(f.name, "'on' or 'off'")
		}
		return on, nil
	case fieldSize:
		n, err := scalar.Size(value)
		if err != nil {
			return nil, expects(f.name, "a size value")
		}
		return number64(n), nil
	case fieldInt64:
		n, err := scalar.Int(value)
		if err != nil {
			return nil, expects(f.name, "an int64 value")
		}
		return n, nil
	case fieldUint16, fieldUint32, fieldUint64:
		n, err := scalar.Magnitude(strings.TrimLeft(value, " \t\n\v\f\r"))
		if err != nil {
			return nil, expects(f.name, "a uint64 value")
		}
		if limit, ctype := f.kind.bound(); n > limit {
			return nil, expects(f.name, ctype)
		}
		return number64(n), nil
	case fieldEnum:
		if !slices.Contains(f.values, value) {
			return nil, notAccepted(f.name, value)
		}
	case fieldStructs, fieldStrings:
		return nil, invalidParameter(f.name) // QEMU cannot read these from text either
	}
	return value, nil
}

// maxRange bounds a list of ranges such as 0-3: more nodes than a host can have.
const maxRange = 1 << 10

// textNumbers reads a repeated key whose values are numbers or ranges.
func textNumbers(o *opts, f field) (any, error) {
	list := qobject.List{}
	for _, it := range o.items {
		if it.key != f.name {
			continue
		}
		low, high, ok := numberRange(it.value)
		if !ok || high-low >= maxRange || len(list) >= maxRange {
			return nil, expects(f.name, "a uint64 value or range")
		}
		if limit, ctype := f.kind.bound(); high > limit {
			return nil, expects(f.name, ctype)
		}
		for n := low; n <= high; n++ {
			list = append(list, int64(n))
		}
	}
	return list, nil
}

func numberRange(text string) (low, high uint64, ok bool) {
	first, last, ranged := strings.Cut(text, "-")
	low, err := strconv.ParseUint(first, 0, 64)
	if err != nil {
		return 0, 0, false
	}
	if !ranged {
		return low, low, true
	}
	high, err = strconv.ParseUint(last, 0, 64)
	return low, high, err == nil && low <= high
}
