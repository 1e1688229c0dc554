// Command gen turns the schema of package qapi into Go.
//
//	gen -schema FILE -out DIR [-check]
//
// It writes one file DIR/MODULE_gen.go for each module, and DIR/introspect_gen.go. With -check it writes nothing and
// exits with status 1 when a file is not what it would write. Faults of the schema are reported as FILE:LINE: TEXT.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("schema", "schema/qapi-schema.json", "first `file` of the schema")
	out := flag.String("out", ".", "`folder` for the Go files")
	check := flag.Bool("check", false, "compare with the files that are there, write nothing")
	flag.Parse()
	if err := run(*root, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root, out string, check bool) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	if check {
		return compare(files, out)
	}
	return write(files, out)
}
