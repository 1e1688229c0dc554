package cmdline

import (
	"fmt"
	"strings"
)

// Global is -global: a value for a property of everything of one kind, such as migration.x-events=on. They apply in
// order, the last one counts, but a bad one is an error even if it is overridden.
type Global struct {
	Driver, Property, Value string
	Where                   Origin
}

// Failure is the error of a value that its property refuses, or of a property that Driver does not have; why comes
// without prefix: "Property 'migration.bogus' not found".
func (g Global) Failure(why error) *Error {
	return fail("can't apply global %s.%s=%s: %v", g.Driver, g.Property, g.Value, why)
}

// Unused is the warning about a Driver that nothing here is.
func (g Global) Unused() Warning {
	return Warning{Level: LevelWarning, Text: fmt.Sprintf("global %s.%s has invalid class name", g.Driver, g.Property)}
}

const maxGlobalName = 63 // bytes of a driver or property in the short form

// globalOption is -global. The short form takes the value as it is, commas and all; what does not fit it is taken for
// the long form, driver=D,property=P,value=V.
func globalOption(r *run, value string) error {
	if g, ok := shortGlobal(value); ok {
		g.Where = r.at
		r.cfg.Globals = append(r.cfg.Globals, g)
		return nil
	}
	o, err := r.group("global").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	if !o.has("driver") || !o.has("property") || !o.has("value") {
		return fail("options 'driver', 'property', and 'value' are required")
	}
	r.cfg.Globals = append(r.cfg.Globals, Global{o.get("driver"), o.get("property"), o.get("value"), r.at})
	return nil
}

func shortGlobal(text string) (g Global, ok bool) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return g, false
	}
	g.Driver, g.Property, ok = strings.Cut(name, ".")
	g.Value = value
	return g, ok && fits(g.Driver) && fits(g.Property)
}

func fits(name string) bool { return name != "" && len(name) <= maxGlobalName }
