package main

import (
	"context"
	"strings"

	"qmpmigrate/tests/emulator"
)

// A way is what is switched on for a migration besides events.
type way struct {
	capabilities []string
	parameters   map[string]any
	// prepare makes what the parameters name, on each end, before they are set; nil for nothing.
	prepare func(ctx context.Context, e *emulator.Emulator, source bool) error
}

// set makes the ends, of which the first is the source, go that way, without limits that it does not name.
func (w way) set(ctx context.Context, ends ...*emulator.Emulator) error {
	parameters := map[string]any{"max-bandwidth": 0}
	for name, value := range w.parameters {
		parameters[name] = value
	}
	for i, e := range ends {
		if w.prepare != nil {
			if err := w.prepare(ctx, e, i == 0); err != nil {
				return err
			}
		}
		if err := e.SetCapabilities(ctx, append([]string{"events"}, w.capabilities...)...); err != nil {
			return err
		}
		if err := e.SetParameters(ctx, parameters); err != nil {
			return err
		}
	}
	return nil
}

// unset makes a source that is used again forget the capabilities.
func (w way) unset(ctx context.Context, e *emulator.Emulator) error {
	return e.ClearCapabilities(ctx, w.capabilities...)
}

// missing is what our build says about a way that it does not have, and empty for one that it has.
func (s settings) missing(ctx context.Context, w way) (string, error) {
	e, err := emulator.Start(ctx, s.server, "probe", s.machineOf(s.server, coldMemory, 16)...)
	if err != nil {
		return "", err
	}
	defer e.Close()
	err = w.set(ctx, e)
	if err != nil && strings.Contains(err.Error(), "not supported yet by this build") {
		return err.Error(), nil
	}
	return "", err
}
