package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/schema"
	"qmpmigrate/qapi/qobject"
)

// request makes of a line what is sent: "command name=value ...", or JSON as
// QEMU reads it. s is nil where the server has no schema; then values are taken
// for JSON where they can be, and for strings elsewhere.
func request(line string, s *schema.Schema) ([]byte, error) {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "{") {
		return plain(line)
	}
	words := split(line)
	if len(words) == 0 || words[0].given {
		return nil, errors.New("a line begins with a command: COMMAND [NAME=VALUE...]")
	}
	command := words[0].name
	arguments := schema.Type{}
	if s != nil {
		if c, ok := s.Command(command); ok {
			arguments = c.Arguments
		}
	}
	args, err := argumentsOf(words[1:], arguments)
	if err != nil {
		return nil, err
	}
	r := struct {
		Execute   string         `json:"execute"`
		Arguments map[string]any `json:"arguments,omitempty"`
	}{command, args}
	return json.Marshal(r)
}

// plain checks that text is one whole object, so that exactly one reply comes.
func plain(text string) ([]byte, error) {
	value, err := qobject.Parse(text)
	if err != nil {
		return nil, err
	}
	if _, ok := value.(*qobject.Dict); !ok {
		return nil, errors.New("a request is one JSON object")
	}
	return qobject.Append(nil, value), nil
}

// argumentsOf gives what the words set. Names with dots reach into objects.
func argumentsOf(words []word, t schema.Type) (map[string]any, error) {
	args := map[string]any{}
	given := tags(words)
	for _, w := range words {
		switch {
		case !w.given || w.name == "":
			return nil, fmt.Errorf("'%s' is not NAME=VALUE", w.name)
		case w.open:
			return nil, fmt.Errorf("argument '%s': a quote or a bracket is not closed", w.name)
		}
		path := strings.Split(w.name, ".")
		member, _ := find(t, given, path)
		value, err := w.typed(member)
		if err != nil {
			return nil, fmt.Errorf("argument '%s': %w", w.name, err)
		}
		if err := put(args, path, value); err != nil {
			return nil, fmt.Errorf("argument '%s': %w", w.name, err)
		}
	}
	return args, nil
}

// typed is w's value as t wants it.
func (w *word) typed(t schema.Type) (any, error) {
	text := w.value
	if w.quoted {
		value, err := qobject.Parse(text)
		if err != nil {
			return nil, err
		}
		text, _ = value.(string)
		if t.Kind() == schema.Any {
			return text, nil
		}
	}
	return t.Value(text)
}

// put sets a member of an object in an object in an object.
func put(object map[string]any, path []string, value any) error {
	for _, name := range path[:len(path)-1] {
		inner, ok := object[name].(map[string]any)
		if !ok {
			if object[name] != nil {
				return fmt.Errorf("'%s' has a value already", name)
			}
			inner = map[string]any{}
			object[name] = inner
		}
		object = inner
	}
	last := path[len(path)-1]
	if _, ok := object[last]; ok {
		return errors.New("it is given twice")
	}
	object[last] = value
	return nil
}

// tags are the values that were given, by name: they decide about variants.
func tags(words []word) map[string]string {
	given := map[string]string{}
	for _, w := range words {
		if w.given {
			given[w.name] = w.value
		}
	}
	return given
}

// find gives the type of what is at path below t.
func find(t schema.Type, given map[string]string, path []string) (schema.Type, bool) {
	for i, name := range path {
		t = object(t)
		m, ok := t.Member(name, given[strings.Join(append(path[:i:i], t.Tag()), ".")])
		if !ok {
			return schema.Type{}, false
		}
		t = m.Type
	}
	return t, true
}

// object is t where it can have members: an alternate is what of it can.
func object(t schema.Type) schema.Type {
	if t.Kind() == schema.Alternate {
		for _, a := range t.Alternatives() {
			if a.Kind() == schema.Object {
				return a
			}
		}
	}
	return t
}
