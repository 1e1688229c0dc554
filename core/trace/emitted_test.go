package trace

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every event has a point that asks for it: none is there in name only.
func TestEveryEventHasAPoint(t *testing.T) {
	consts := map[string]Name{}
	files, err := filepath.Glob("events*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for name, value := range constants(t, file) {
			consts[name] = value
		}
	}
	if len(consts) != len(Names()) {
		t.Errorf("%d constants, %d names", len(consts), len(Names()))
	}
	used := map[string]bool{}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			selected(t, path, used)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range consts {
		if !used[name] {
			t.Errorf("nothing asks for %s", value)
		}
		if !slices.Contains(Names(), value) {
			t.Errorf("%s is not listed", value)
		}
	}
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// constants are the names of events in a file.
func constants(t *testing.T, file string) map[string]Name {
	found := map[string]Name{}
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if text, ok := v.Values[0].(*ast.BasicLit); ok {
				found[v.Names[0].Name] = Name(strings.Trim(text.Value, `"`))
			}
		}
		return true
	})
	return found
}

// selected notes what a file uses of this package.
func selected(t *testing.T, file string, used map[string]bool) {
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "trace" {
				used[s.Sel.Name] = true
			}
		}
		return true
	})
}
