package schema

import "regexp"

var (
	typeName    = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$`)
	eventName   = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	commandName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	valueName   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	legacyName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// checkNames holds all names of a definition to the rules: CamelCase types, UPPER_CASE events, lower-case-with-hyphens
// for everything else. A pragma frees single definitions from the last.
func (l *loader) checkNames(def Definition) error {
	info := def.Common()
	lower, value := commandName, valueName
	if l.exempt[info.Name] {
		lower, value = legacyName, legacyName
	}
	rule, what := typeName, "CamelCase"
	switch def.(type) {
	case *Command:
		rule, what = lower, "lower-case with hyphens"
	case *Event:
		rule, what = eventName, "upper-case with underscores"
	}
	if !rule.MatchString(info.Name) {
		return errorAt(info.Pos, "name '%s' must be %s", info.Name, what)
	}
	for _, f := range info.Features {
		if !commandName.MatchString(f) {
			return errorAt(info.Pos, "name '%s' of a feature of '%s' must be lower-case with hyphens", f, info.Name)
		}
	}
	return checkInnerNames(def, lower, value)
}

func checkInnerNames(def Definition, lower, value *regexp.Regexp) error {
	info, parts := def.Common(), partsOf(def)
	for _, v := range parts.values {
		if !value.MatchString(v.Name) {
			return errorAt(v.Pos, "value '%s' of enum '%s' must be lower-case with hyphens", v.Name, info.Name)
		}
	}
	for _, m := range parts.members {
		if !lower.MatchString(m.Name) {
			return errorAt(m.Pos, "member '%s' of '%s' must be lower-case with hyphens", m.Name, info.Name)
		}
	}
	for _, b := range parts.branches {
		if !value.MatchString(b.Name) {
			return errorAt(b.Pos, "branch '%s' of '%s' must be lower-case with hyphens", b.Name, info.Name)
		}
	}
	return nil
}

// checkDoc makes sure that a comment describes only what is there.
func checkDoc(def Definition) error {
	info, parts := def.Common(), partsOf(def)
	for _, name := range info.Doc.order {
		_, isFeature := info.Doc.Feature[name]
		if known := isFeature && parts.hasFeature(name) || parts.hasName(name); !known {
			return errorAt(info.Doc.Pos, "documentation of '%s' describes '%s', which it does not have", info.Name, name)
		}
	}
	return nil
}
