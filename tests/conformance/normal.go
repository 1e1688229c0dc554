package conformance

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A normalizer brings lines into the form in which those of two emulators are compared: JSON by value, with its
// members in order of their names, and what differs from one run to the next masked.
type normalizer struct {
	exact bool             // lines are compared to the byte
	masks map[string]bool  // members whose type is compared only
	hide  []*regexp.Regexp // text that counts for "*"
	names []string         // pairs for the replacer: real text and what it is called in scripts
}

// maskedAlways are the members that say who answers. The time of an event is left out altogether.
var maskedAlways = []string{"micro", "minor", "major", "package"}

func newNormalizer(names ...string) *normalizer {
	n := &normalizer{masks: map[string]bool{}, names: names}
	for _, key := range maskedAlways {
		n.masks[key] = true
	}
	return n
}

// line returns the form of a line.
func (n *normalizer) line(line string) string {
	line = strings.NewReplacer(n.names...).Replace(line)
	if !n.exact {
		line = n.json(line)
	}
	for _, re := range n.hide {
		line = hideMatches(re, line)
	}
	return line
}

// hideMatches puts "*" for what re matches, or for its group if it has one.
func hideMatches(re *regexp.Regexp, line string) string {
	group := min(re.NumSubexp(), 1)
	var b strings.Builder
	end := 0
	for _, match := range re.FindAllStringSubmatchIndex(line, -1) {
		b.WriteString(line[end:match[2*group]] + "*")
		end = match[2*group+1]
	}
	return b.String() + line[end:]
}

func (n *normalizer) json(line string) string {
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil || d.More() {
		return line // QEMU writes some things that are not JSON, such as inf
	}
	if time, ok := v["timestamp"].(map[string]any); ok && v["event"] != nil {
		_, seconds := time["seconds"].(json.Number)
		_, microseconds := time["microseconds"].(json.Number)
		if seconds && microseconds && len(time) == 2 {
			delete(v, "timestamp")
		}
	}
	var b strings.Builder
	n.write(&b, v)
	return b.String()
}

func (n *normalizer) write(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		n.members(b, v)
	case []any:
		b.WriteString("[")
		for i, element := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			n.write(b, element)
		}
		b.WriteString("]")
	default:
		b.WriteString(text(v))
	}
}

func (n *normalizer) members(b *strings.Builder, object map[string]any) {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	b.WriteString("{")
	for i, key := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text(key) + ": ")
		if n.masks[key] {
			b.WriteString(kind(object[key]))
		} else {
			n.write(b, object[key])
		}
	}
	b.WriteString("}")
}

// kind is what stands for a masked value: its type.
func kind(v any) string {
	switch v.(type) {
	case map[string]any:
		return "<object>"
	case []any:
		return "<list>"
	case string:
		return "<string>"
	case json.Number:
		return "<number>"
	default:
		return text(v)
	}
}

// text is a scalar as JSON.
func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}
