package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"qmpmigrate/qapi/gen/golang"
	"qmpmigrate/qapi/gen/introspect"
	"qmpmigrate/qapi/gen/schema"
)

// generate returns all generated files, by name.
func generate(root string) (map[string][]byte, error) {
	dir, file := filepath.Split(root)
	s, err := schema.Load(os.DirFS(filepath.Clean(dir)), file)
	if err != nil {
		return nil, err
	}
	files, err := golang.Generate(s)
	if err != nil {
		return nil, err
	}
	files["introspect_gen.go"], err = golang.Introspection(introspect.Entries(s))
	return files, err
}

// generated lists the generated files that are in a folder.
func generated(dir string) ([]string, error) {
	return filepath.Glob(filepath.Join(dir, "*_gen.go"))
}

// write brings a folder up to date: files that have not changed keep their times, and those of modules that are gone
// are removed.
func write(files map[string][]byte, dir string) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return eachStale(files, dir, os.Remove)
}

// compare fails when a folder is not what write would make it.
func compare(files map[string][]byte, dir string) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(old, files[name]) {
			return fmt.Errorf("%s is not up to date: run go generate", filepath.Join(dir, name))
		}
	}
	return eachStale(files, dir, func(path string) error {
		return fmt.Errorf("%s has no module in the schema: run go generate", path)
	})
}

func eachStale(files map[string][]byte, dir string, do func(path string) error) error {
	present, err := generated(dir)
	if err != nil {
		return err
	}
	for _, path := range present {
		if files[filepath.Base(path)] == nil {
			if err := do(path); err != nil {
				return err
			}
		}
	}
	return nil
}
