package conduct

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"qmpmigrate/cmd/qmpmigrate/schema"
)

// vocabulary is what one side knows that a migration can be given.
type vocabulary struct {
	side         string
	capabilities map[string]bool // names
	parameters   map[string]schema.Type
}

// vocabulary asks e. Parameters are those that can be set; where e has no
// schema, those that it tells, as what they are now.
func (e *Endpoint) vocabulary(ctx context.Context) (*vocabulary, error) {
	v := &vocabulary{side: e.name, capabilities: map[string]bool{}, parameters: map[string]schema.Type{}}
	var capabilities []struct {
		Capability string `json:"capability"`
	}
	if err := e.Execute(ctx, "query-migrate-capabilities", nil, &capabilities); err != nil {
		return nil, err
	}
	for _, c := range capabilities {
		v.capabilities[c.Capability] = true
	}
	s, err := e.Schema(ctx)
	if refused := (*CommandError)(nil); errors.As(err, &refused) {
		return v, v.fromValues(ctx, e)
	} else if err != nil {
		return nil, err
	}
	command, _ := s.Command("migrate-set-parameters")
	for _, m := range command.Arguments.Members() {
		v.parameters[m.Name] = m.Type
	}
	return v, nil
}

func (v *vocabulary) fromValues(ctx context.Context, e *Endpoint) error {
	var values map[string]any
	if err := e.Execute(ctx, "query-migrate-parameters", nil, &values); err != nil {
		return err
	}
	for name, value := range values {
		v.parameters[name] = schema.TypeOf(value)
	}
	return nil
}

// Schema asks e for what it can do.
func (e *Endpoint) Schema(ctx context.Context) (*schema.Schema, error) {
	var text json.RawMessage
	if err := e.Execute(ctx, "query-qmp-schema", nil, &text); err != nil {
		return nil, err
	}
	s, err := schema.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.name, err)
	}
	return s, nil
}

// names are all that v knows.
func (v *vocabulary) names() []string {
	return append(slices.Sorted(maps.Keys(v.capabilities)), slices.Sorted(maps.Keys(v.parameters))...)
}

// knows says whether name is something that can be set.
func (v *vocabulary) knows(name string) bool {
	_, parameter := v.parameters[name]
	return parameter || v.capabilities[name]
}
