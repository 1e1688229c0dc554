package schema

import "path"

// expression takes one expression of a file: a directive, or a definition.
func (l *loader) expression(m *Module, expr *node, doc *Doc) error {
	if expr.kind != objectNode {
		return errorAt(expr.pos, "an expression must be an object, not %s", expr.kind)
	}
	directive := "include"
	value := expr.get(directive)
	if value == nil {
		directive = "pragma"
		value = expr.get(directive)
	}
	if value == nil {
		def, err := define(expr, doc)
		if err != nil {
			return err
		}
		return l.add(m, def)
	}
	if len(expr.members) != 1 {
		return errorAt(expr.pos, "'%s' stands alone", directive)
	}
	if doc != nil && doc.Symbol != "" {
		return errorAt(doc.Pos, "documentation of '%s' is not followed by its definition", doc.Symbol)
	}
	if directive == "pragma" {
		return l.pragma(value)
	}
	if value.kind != stringNode {
		return errorAt(value.pos, "'include' must be a string, not %s", value.kind)
	}
	return l.load(path.Join(path.Dir(expr.pos.File), value.text), value.pos)
}

// pragma reads the one that is needed: names of definitions that are older than the rules for names.
func (l *loader) pragma(value *node) error {
	if value.kind != objectNode {
		return errorAt(value.pos, "'pragma' must be an object, not %s", value.kind)
	}
	for _, m := range value.members {
		if m.key != "command-name-exceptions" && m.key != "member-name-exceptions" {
			return errorAt(m.pos, "unknown pragma '%s'", m.key)
		}
		names, err := stringList(m.value, m.key)
		if err != nil {
			return err
		}
		for _, name := range names {
			l.exempt[name] = true
		}
	}
	return nil
}
