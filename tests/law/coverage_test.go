package law

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// coverage is the document about where each of QEMU's files is done here.
const coverage = "docs/coverage.md"

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	aTest  = regexp.MustCompile(`^([a-z0-9/]+)\.((?:Test|Fuzz)\w+)$`)
)

// What docs/coverage.md names exists: the places where a job is done, and the tests that show it.
func TestCoverageNamesWhatExists(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, coverage))
	if err != nil {
		t.Fatal(err)
	}
	checked, tests := 0, map[string]map[string]bool{} // of each folder
	for line := range bytes.Lines(text) {
		for column, cell := range placesAndTests(string(line)) {
			for _, name := range quoted.FindAllStringSubmatch(cell, -1) {
				checked++
				test := aTest.FindStringSubmatch(name[1])
				if test == nil {
					if _, err := os.Stat(filepath.Join(root, name[1])); err != nil {
						t.Errorf("%s: %v", coverage, err)
					}
					continue
				}
				dir := test[1]
				if tests[dir] == nil {
					tests[dir] = testsOf(t, filepath.Join(root, dir))
				}
				if !tests[dir][test[2]] || column == 0 {
					t.Errorf("%s: there is no test %s, or not in its place", coverage, name[1])
				}
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d names were looked at: the tables have another form", checked)
	}
}

// placesAndTests are the two cells before the last one of a row.
func placesAndTests(line string) []string {
	cells := strings.Split(strings.TrimSpace(line), "|")
	if len(cells) < 6 || !strings.HasPrefix(line, "|") {
		return nil
	}
	return cells[len(cells)-4 : len(cells)-2]
}

// testsOf are the names of a package's tests and fuzz targets.
func testsOf(t *testing.T, dir string) map[string]bool {
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}
