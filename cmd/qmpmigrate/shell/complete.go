package shell

import (
	"slices"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/schema"
)

// completion is what the text before the cursor can go on with.
type completion struct {
	begin  int      // of what the candidates replace
	list   []string // whole replacements, in order
	finish string   // written behind the only one
}

// common is what all candidates begin with.
func (c *completion) common() string {
	if len(c.list) == 0 {
		return ""
	}
	prefix := c.list[0]
	for _, s := range c.list[1:] {
		for !strings.HasPrefix(s, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}

// matching makes a completion of those names that begin with text.
func matching(begin int, text, finish string, names []string) completion {
	c := completion{begin: begin, finish: finish}
	for _, n := range names {
		if strings.HasPrefix(n, text) {
			c.list = append(c.list, n)
		}
	}
	slices.Sort(c.list)
	c.list = slices.Compact(c.list)
	return c
}

// complete finds what text, the line up to the cursor, can go on with.
func complete(text string, s *schema.Schema) completion {
	if s == nil || strings.HasPrefix(strings.TrimSpace(text), "{") {
		return completion{}
	}
	words := split(text)
	last := word{begin: len(text)}
	if n := len(words); n > 0 && (words[n-1].open || !strings.HasSuffix(text, " ") && !strings.HasSuffix(text, "\t")) {
		last, words = words[n-1], words[:n-1]
	}
	switch {
	case len(words) == 0 && !last.given:
		return matching(last.begin, last.name, " ", append(s.Commands(), localCommands()...))
	case len(words) == 0:
		return completion{}
	case words[0].name == "help":
		return matching(last.begin, last.name, "", s.Commands())
	}
	command, ok := s.Command(words[0].name)
	if !ok {
		return completion{}
	}
	given := tags(words[1:])
	if last.given {
		return completeValue(last, command.Arguments, given)
	}
	return completeName(last, command.Arguments, given)
}

// completeName finds arguments that are not given yet, and behind a dot the
// members of one.
func completeName(w word, t schema.Type, given map[string]string) completion {
	path := strings.Split(w.name, ".")
	prefix := strings.Join(path[:len(path)-1], ".")
	if prefix != "" {
		t, _ = find(t, given, path[:len(path)-1])
		prefix += "."
	}
	t = object(t)
	members := t.Members()
	if v, ok := t.Variant(given[prefix+t.Tag()]); ok {
		members = append(members, v.Members()...)
	}
	var names []string
	for _, m := range members {
		name := prefix + m.Name
		if _, ok := given[name]; ok {
			continue
		}
		if object(m.Type).Kind() == schema.Object {
			names = append(names, name+".")
		} else {
			names = append(names, name+"=")
		}
	}
	return matching(w.begin, w.name, "", names)
}

// completeValue finds the values that an argument can have; of a list's it is
// the last one that is completed.
func completeValue(w word, t schema.Type, given map[string]string) completion {
	t, ok := find(t, given, strings.Split(w.name, "."))
	if !ok {
		return completion{}
	}
	begin, text := w.begin+len(w.name)+1, w.value
	finish := " "
	if t.Kind() == schema.Array {
		t, finish = t.Element(), ""
		comma := strings.LastIndexByte(text, ',') + 1
		begin, text = begin+comma, text[comma:]
	}
	return matching(begin, text, finish, values(t))
}

// values are those of a type that has few.
func values(t schema.Type) []string {
	switch t.Kind() {
	case schema.Bool:
		return []string{"true", "false"}
	case schema.Enum:
		return t.Values()
	case schema.Alternate:
		var all []string
		for _, a := range t.Alternatives() {
			all = append(all, values(a)...)
		}
		return all
	}
	return nil
}
