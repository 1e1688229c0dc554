package schema

import (
	"io/fs"
	"path"
	"strings"
)

// Load reads the schema whose first file is root, with everything that it includes, and checks it. Errors are *Error.
func Load(files fs.FS, root string) (*Schema, error) {
	l := &loader{
		files:  files,
		loaded: map[string]bool{},
		schema: &Schema{types: builtins()},
		names:  map[string]Pos{},
		exempt: map[string]bool{},
	}
	if err := l.load(root, Pos{File: root, Line: 1}); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	return l.schema, nil
}

type loader struct {
	files  fs.FS
	loaded map[string]bool
	schema *Schema
	names  map[string]Pos  // every definition's name
	exempt map[string]bool // names that need not follow the rules for names
}

// load reads one file, once. Modules are listed in the order in which their files end, which puts what is included
// before what includes it.
func (l *loader) load(file string, from Pos) error {
	if l.loaded[file] {
		return nil
	}
	l.loaded[file] = true
	text, err := fs.ReadFile(l.files, file)
	if err != nil {
		return errorAt(from, "can't read schema file '%s': %v", file, err)
	}
	p, err := newParser(file, string(text))
	if err != nil {
		return err
	}
	m := &Module{Name: strings.TrimSuffix(path.Base(file), path.Ext(file))}
	if err := l.expressions(m, p); err != nil {
		return err
	}
	if len(m.Defs) > 0 {
		l.schema.Modules = append(l.schema.Modules, m)
	}
	return nil
}

// expressions reads all of a file, and gives each definition the comment that stands before it.
func (l *loader) expressions(m *Module, p *parser) error {
	var doc *Doc
	for p.tok.kind != tokenEOF {
		if p.tok.kind == tokenDoc {
			if doc != nil && doc.Symbol != "" {
				return errorAt(doc.Pos, "documentation of '%s' is not followed by its definition", doc.Symbol)
			}
			d, err := parseDoc(p.tok)
			if err != nil {
				return err
			}
			if doc = d; d.Symbol == "" {
				m.Doc = strings.TrimSpace(m.Doc + "\n\n" + d.Text)
			}
			if err := p.advance(); err != nil {
				return err
			}
			continue
		}
		expr, err := p.value()
		if err != nil {
			return err
		}
		if err := l.expression(m, expr, doc); err != nil {
			return err
		}
		doc = nil
	}
	if doc != nil && doc.Symbol != "" {
		return errorAt(doc.Pos, "documentation of '%s' is not followed by its definition", doc.Symbol)
	}
	return nil
}

func (l *loader) add(m *Module, def Definition) error {
	info := def.Common()
	if first, dup := l.names[info.Name]; dup {
		return errorAt(info.Pos, "'%s' is already defined at %s", info.Name, first)
	}
	if l.schema.types[info.Name] != nil {
		return errorAt(info.Pos, "'%s' is the name of a built-in type", info.Name)
	}
	l.names[info.Name] = info.Pos
	if t, ok := def.(Type); ok {
		l.schema.types[info.Name] = t
	}
	m.Defs = append(m.Defs, def)
	return nil
}
