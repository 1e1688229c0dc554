package main

import (
	"bytes"
	"flag"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/*.golden anew")

// TestGolden shows what becomes of a small schema with everything that the language knows.
func TestGolden(t *testing.T) {
	files, err := generate("testdata/commands.json")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"builtin_gen.go", "commands_gen.go", "introspect_gen.go", "objects_gen.go"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Fatalf("files %v, want %v", got, want)
	}
	for name, text := range files {
		golden := filepath.Join("testdata", name+".golden")
		if *rewrite {
			if err := os.WriteFile(golden, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		old, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(old, text) {
			t.Errorf("%s is another: look at it with go test -rewrite", golden)
		}
	}
}

// TestGoldenCompiles type-checks the same together with the hand-written part of the package, because the real schema
// does not use all of the language.
func TestGoldenCompiles(t *testing.T) {
	files, err := generate("testdata/commands.json")
	if err != nil {
		t.Fatal(err)
	}
	written, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range written {
		if strings.HasSuffix(path, "_gen.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(fset, name, files[name], 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	config := types.Config{
		Importer: importer.ForCompiler(fset, "source", nil),
		Error:    func(err error) { t.Error(err) },
	}
	if _, err := config.Check("qmpmigrate/qapi", fset, parsed, nil); err != nil {
		t.FailNow()
	}
}
