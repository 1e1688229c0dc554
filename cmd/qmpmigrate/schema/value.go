package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// Value makes of what somebody wrote a value of type t, ready to be encoded as
// JSON: sizes may have a suffix (1G), booleans be on and off; an array of simple
// values may be written with commas, everything else that is put together as
// JSON with either sort of quotes.
func (t Type) Value(text string) (any, error) {
	switch t.Kind() {
	case Int:
		return number(text)
	case Number:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) { // JSON has none of these
			return nil, fmt.Errorf("'%s' is not a number", text)
		}
		return f, nil
	case Bool:
		return boolean(text)
	case String:
		return text, nil
	case Null:
		if text != "null" {
			return nil, fmt.Errorf("'%s' is not null", text)
		}
		return nil, nil
	case Enum:
		return t.enum(text)
	case Array:
		return t.array(text)
	case Object:
		return written(text, "{")
	case Alternate:
		return t.alternative(text)
	}
	return anything(text), nil
}

func boolean(text string) (any, error) {
	if value, ok := scalar.Bool(strings.ToLower(text)); ok { // qmp-shell's users write True
		return value, nil
	}
	return nil, fmt.Errorf("'%s' is neither on nor off", text)
}

func (t Type) enum(text string) (any, error) {
	for _, value := range t.Values() {
		if value == text {
			return text, nil
		}
	}
	if near := Near(text, t.Values()); len(near) > 0 {
		return nil, fmt.Errorf("'%s' is not a value; %s", text, DidYouMean(near))
	}
	return nil, fmt.Errorf("'%s' is not one of %s", text, strings.Join(t.Values(), ", "))
}

func (t Type) array(text string) (any, error) {
	if strings.HasPrefix(text, "[") {
		return written(text, "[")
	}
	list := []any{}
	if text == "" {
		return list, nil
	}
	element := t.Element()
	if k := element.Kind(); k == Object || k == Array {
		return nil, fmt.Errorf("'%s' is not a list: [...] is expected", text)
	}
	for part := range strings.SplitSeq(text, ",") {
		value, err := element.Value(part)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// alternative takes the first type that text can be; a plain string is what
// everything can be.
func (t Type) alternative(text string) (any, error) {
	var failed error
	var plain bool
	for _, a := range t.Alternatives() {
		if a.Kind() == String {
			plain = true
			continue
		}
		value, err := a.Value(text)
		if err == nil {
			return value, nil
		}
		failed = errors.Join(failed, err)
	}
	if plain {
		return text, nil
	}
	return nil, failed
}

// written is a value that is put together, in JSON as QEMU reads it.
func written(text, begin string) (any, error) {
	if !strings.HasPrefix(text, begin) {
		return nil, fmt.Errorf("'%s' is not what is expected: it must begin with %s", text, begin)
	}
	value, err := qobject.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("'%s': %w", text, err)
	}
	return json.RawMessage(qobject.Append(nil, value)), nil
}

// anything is text as JSON where it is that, and a string elsewhere.
func anything(text string) any {
	value, err := qobject.Parse(text)
	if err != nil {
		return text
	}
	return json.RawMessage(qobject.Append(nil, value))
}
