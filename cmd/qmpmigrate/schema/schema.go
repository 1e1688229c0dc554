package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Schema is one server's. It does not change.
type Schema struct {
	entities map[string]*entity
}

// entity is an element of the answer, in the server's words.
type entity struct {
	Name        string    `json:"name"`
	Meta        string    `json:"meta-type"`
	JSONType    string    `json:"json-type"`
	ArgType     string    `json:"arg-type"`
	RetType     string    `json:"ret-type"`
	ElementType string    `json:"element-type"`
	AllowOOB    bool      `json:"allow-oob"`
	Members     []member  `json:"members"`
	Values      []string  `json:"values"`
	Tag         string    `json:"tag"`
	Variants    []variant `json:"variants"`
	Features    []string  `json:"features"`
}

type member struct {
	Name     string           `json:"name"`
	Type     string           `json:"type"`
	Default  *json.RawMessage `json:"default"`
	Features []string         `json:"features"`
}

type variant struct {
	Case string `json:"case"`
	Type string `json:"type"`
}

// UnmarshalJSON notes whether there is a default at all: its value is null for
// everything that is optional.
func (m *member) UnmarshalJSON(text []byte) error {
	type plain member
	if err := json.Unmarshal(text, (*plain)(m)); err != nil {
		return err
	}
	var has map[string]json.RawMessage
	if err := json.Unmarshal(text, &has); err != nil {
		return err
	}
	if value, ok := has["default"]; ok {
		m.Default = &value
	}
	return nil
}

// Parse reads the value that query-qmp-schema returns.
func Parse(text []byte) (*Schema, error) {
	var list []*entity
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s := &Schema{entities: make(map[string]*entity, len(list))}
	for _, e := range list {
		if e != nil {
			s.entities[e.Name] = e
		}
	}
	if err := s.checkNesting(); err != nil {
		return nil, err
	}
	return s, nil
}

// Command is a command of the server's.
type Command struct {
	Name      string
	Arguments Type // an object
	Returns   Type
	AllowOOB  bool     // it may be executed out of band
	Features  []string // "deprecated", "unstable", ...
}

// Commands gives the names of all commands, in order.
func (s *Schema) Commands() []string { return s.names("command") }

// Events gives the names of all events, in order.
func (s *Schema) Events() []string { return s.names("event") }

func (s *Schema) names(meta string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.entities)) {
		if s.entities[name].Meta == meta {
			names = append(names, name)
		}
	}
	return names
}

// Command gives one command.
func (s *Schema) Command(name string) (Command, bool) {
	e := s.entities[name]
	if e == nil || e.Meta != "command" {
		return Command{}, false
	}
	return Command{
		Name:      e.Name,
		Arguments: Type{s, e.ArgType},
		Returns:   Type{s, e.RetType},
		AllowOOB:  e.AllowOOB,
		Features:  e.Features,
	}, true
}

// Event gives the type of an event's data, an object.
func (s *Schema) Event(name string) (Type, bool) {
	e := s.entities[name]
	if e == nil || e.Meta != "event" {
		return Type{}, false
	}
	return Type{s, e.ArgType}, true
}
