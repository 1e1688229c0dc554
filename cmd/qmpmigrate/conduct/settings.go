package conduct

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/schema"
)

// Set adds settings to o as people write them: capabilities as "multifd" or
// "multifd=off", parameters as "max-bandwidth=1G". Which of both a name is, what
// values it takes and whether a side knows it at all, the sides tell.
//
// What only one side knows is set there alone where the other one need not know
// of it; elsewhere it is an error.
func (o *Options) Set(ctx context.Context, settings ...string) error {
	if len(settings) == 0 {
		return nil
	}
	if err := o.complete(); err != nil {
		return err
	}
	source, err := o.Source.vocabulary(ctx)
	if err != nil {
		return err
	}
	destination, err := o.Destination.vocabulary(ctx)
	if err != nil {
		return err
	}
	for _, text := range settings {
		name, value, given := strings.Cut(text, "=")
		s := setting{name: name, text: value, given: given}
		if err := s.known(source, destination); err != nil {
			return err
		}
		for _, side := range []struct {
			vocabulary   *vocabulary
			capabilities *map[string]bool
			parameters   *map[string]any
		}{
			{source, &o.SourceCapabilities, &o.SourceParameters},
			{destination, &o.DestinationCapabilities, &o.DestinationParameters},
		} {
			if !side.vocabulary.knows(name) {
				continue
			}
			if side.vocabulary.capabilities[name] {
				on, err := s.state()
				if err != nil {
					return err
				}
				*side.capabilities = merged(*side.capabilities, map[string]bool{name: on})
				continue
			}
			v, err := s.value(side.vocabulary)
			if err != nil {
				return err
			}
			*side.parameters = merged(*side.parameters, map[string]any{name: v})
		}
	}
	return nil
}

// setting is one as it was written.
type setting struct {
	name, text string
	given      bool // there is a value
}

// known checks that the sides that must know s do.
func (s *setting) known(source, destination *vocabulary) error {
	switch inSource, inDestination := source.knows(s.name), destination.knows(s.name); {
	case inSource && inDestination:
		return nil
	case inSource:
		return s.oneSided(source, destination, onlySource)
	case inDestination:
		return s.oneSided(destination, source, onlyDestination)
	}
	err := fmt.Errorf("'%s' is neither a capability nor a parameter of %s or %s", s.name, source.side, destination.side)
	names := slices.Concat(source.names(), destination.names())
	slices.Sort(names)
	if near := schema.Near(s.name, slices.Compact(names)); len(near) > 0 {
		err = fmt.Errorf("%w; %s", err, schema.DidYouMean(near))
	}
	return err
}

// oneSided checks that what with knows may be set although without does not.
func (s *setting) oneSided(with, without *vocabulary, alone func() []string) error {
	if slices.Contains(alone(), s.name) {
		return nil
	}
	if with.capabilities[s.name] {
		if on, err := s.state(); err != nil || !on {
			return err // off is what it is on the other side
		}
	}
	return fmt.Errorf("'%s' is known to %s but not to %s, and both would have to do it", s.name, with.side, without.side)
}

// state is that of a capability.
func (s *setting) state() (bool, error) {
	if !s.given {
		return true, nil
	}
	on, err := schema.TypeOf(true).Value(s.text)
	if err != nil {
		return false, fmt.Errorf("capability '%s': %w", s.name, err)
	}
	return on.(bool), nil
}

// value is that of a parameter, of the type that v knows.
func (s *setting) value(v *vocabulary) (any, error) {
	kind := v.parameters[s.name]
	if !s.given {
		return nil, fmt.Errorf("parameter '%s' needs a value: %s=%s", s.name, s.name, strings.ToUpper(kind.String()))
	}
	value, err := kind.Value(s.text)
	if err != nil {
		return nil, fmt.Errorf("parameter '%s' of %s: %w", s.name, v.side, err)
	}
	return value, nil
}
