package qapi

import (
	"slices"

	"qmpmigrate/qapi/qobject"
)

// HiddenMember is a member of a result or of event data that a Policy may leave out. Lists on the way to it stand for
// each of their elements.
type HiddenMember struct {
	Path     []string
	Features Features
}

// AppendResult appends what the command returned, as clients may see it; nil is the empty object.
func (c *Command) AppendResult(b []byte, result Result, p *Policy) []byte {
	if result == nil {
		return append(b, "{}"...)
	}
	start := len(b)
	return p.hide(result.AppendJSON(b), start, c.Hidden)
}

// AppendEventData appends an event's data as clients may see them, nothing when there are none.
func (p *Policy) AppendEventData(b []byte, e Event) []byte {
	start := len(b)
	b = e.AppendData(b)
	if special, ok := e.(interface{ HiddenMembers() []HiddenMember }); ok && len(b) > start {
		b = p.hide(b, start, special.HiddenMembers())
	}
	return b
}

// HidesEvent tells whether clients do not hear of an event.
func (p *Policy) HidesEvent(e Event) bool {
	special, ok := e.(interface{ EventFeatures() Features })
	return ok && p.Hides(special.EventFeatures())
}

// hide takes members out of the value that b holds from start on.
func (p *Policy) hide(b []byte, start int, members []HiddenMember) []byte {
	if !slices.ContainsFunc(members, func(m HiddenMember) bool { return p.Hides(m.Features) }) {
		return b
	}
	v, err := qobject.Parse(string(b[start:]))
	if err != nil {
		return b // what we write ourselves can be read
	}
	for _, m := range members {
		if p.Hides(m.Features) {
			without(v, m.Path)
		}
	}
	return qobject.Append(b[:start], v)
}

// without takes the member at the end of a path out of v.
func without(v any, path []string) {
	switch v := v.(type) {
	case qobject.List:
		for _, element := range v {
			without(element, path)
		}
	case *qobject.Dict:
		if len(path) == 1 {
			v.Delete(path[0])
			return
		}
		if next, ok := v.Get(path[0]); ok {
			without(next, path[1:])
		}
	}
}
