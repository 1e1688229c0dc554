package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Surface is what a schema offers, one line for each fact about a command or event: its features, each member of
// its arguments and results with its type, each value of an enumeration. Names of types do not count.
type Surface map[string][]string

// schemaEntry is an element of the answer of query-qmp-schema.
type schemaEntry struct {
	Name     string   `json:"name"`
	Meta     string   `json:"meta-type"`
	Features []string `json:"features"`
	Arg      string   `json:"arg-type"`
	Ret      string   `json:"ret-type"`
	OOB      bool     `json:"allow-oob"`
	Element  string   `json:"element-type"`
	Tag      string   `json:"tag"`
	Members  []struct {
		Name     string           `json:"name"`
		Type     string           `json:"type"`
		Default  *json.RawMessage `json:"default"`
		Features []string         `json:"features"`
	} `json:"members"`
	Variants []struct{ Case, Type string } `json:"variants"`
}

// ParseSurface reads the answer of query-qmp-schema.
func ParseSurface(reply string) (Surface, error) {
	// A default that is there is null; it must not look like one that is not.
	reply = strings.ReplaceAll(reply, `"default": null`, `"default": 0`)
	var answer struct{ Return []schemaEntry }
	if err := json.Unmarshal([]byte(reply), &answer); err != nil {
		return nil, err
	}
	w := surfaceWriter{types: map[string]schemaEntry{}, surface: Surface{}}
	for _, e := range answer.Return {
		w.types[e.Name] = e
	}
	for _, e := range answer.Return {
		if e.Meta == "command" || e.Meta == "event" {
			w.call(e)
		}
	}
	return w.surface, nil
}

type surfaceWriter struct {
	types   map[string]schemaEntry
	surface Surface
	name    string
	within  []string // types being written; some contain themselves
}

func (w *surfaceWriter) line(format string, args ...any) {
	w.surface[w.name] = append(w.surface[w.name], strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (w *surfaceWriter) call(e schemaEntry) {
	w.name = e.Name
	oob := ""
	if e.OOB {
		oob = " oob"
	}
	w.line("%s %s%s %s", e.Meta, e.Name, oob, features(e.Features))
	w.value(e.Name+" ", e.Arg)
	if e.Ret != "" {
		w.value(e.Name+" returns ", e.Ret)
	}
}

func features(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// value writes what there is to say about a type at a place.
func (w *surfaceWriter) value(path, name string) {
	e := w.types[name]
	if slices.Contains(w.within, name) {
		return
	}
	w.within = append(w.within, name)
	defer func() { w.within = w.within[:len(w.within)-1] }()
	switch e.Meta {
	case "builtin":
		w.line("%s: %s", path, e.Name)
	case "array":
		w.line("%s: list", path)
		w.value(path+"[]", e.Element)
	case "enum":
		for _, m := range e.Members {
			w.line("%s = %s %s", path, m.Name, features(m.Features))
		}
	case "alternate":
		for _, m := range e.Members {
			w.value(path+" or", m.Type)
		}
	case "object":
		w.object(path, e)
	}
}

func (w *surfaceWriter) object(path string, e schemaEntry) {
	w.line("%s: object %s", path, features(e.Features))
	for _, m := range e.Members {
		optional := ""
		if m.Default != nil {
			optional = "?"
		}
		w.line("%s.%s%s %s", path, m.Name, optional, features(m.Features))
		w.value(path+"."+m.Name, m.Type)
	}
	for _, v := range e.Variants {
		w.value(fmt.Sprintf("%s[%s=%s]", path, e.Tag, v.Case), v.Type)
	}
}

// Compare returns what only one of two surfaces has: "- " and a line of s, or "+ " and a line of the other. Of a
// command or event that one does not have at all, only its first line.
func (s Surface) Compare(other Surface) []string {
	var out []string
	only := func(sign string, a, b Surface) {
		for name, lines := range a {
			if b[name] == nil {
				lines = lines[:1]
			}
			for _, line := range lines {
				if !slices.Contains(b[name], line) {
					out = append(out, sign+" "+line)
				}
			}
		}
	}
	only("-", s, other)
	only("+", other, s)
	slices.Sort(out)
	return out
}
