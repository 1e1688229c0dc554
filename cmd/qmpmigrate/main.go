// Command qmpmigrate is QEMU's live migration as one program: a server that
// speaks QMP and the migration stream, and verbs that work with both.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() { os.Exit(run(os.Args)) }

// verb is a door of its own; without one the server starts.
type verb struct {
	name string
	main func(args []string) int
}

func verbs() []verb {
	return []verb{
		{"demo", func(args []string) int { return demoMain(args, os.Stdout, os.Stderr) }},
		{"inspect", func(args []string) int { return inspectMain(args, os.Stdout, os.Stderr) }},
	}
}

func run(argv []string) int {
	if len(argv) > 1 {
		for _, v := range verbs() {
			if argv[1] == v.name {
				return v.main(argv[2:])
			}
		}
		// The server's command line would take a bare word for a disk image.
		if !strings.HasPrefix(argv[1], "-") {
			return unknownVerb(argv[1])
		}
	}
	return serverMain(filepath.Base(argv[0]), argv[1:], os.Stdout, os.Stderr)
}

func unknownVerb(word string) int {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	fmt.Fprintf(os.Stderr, "qmpmigrate: '%s' is not a verb; there are %s, and without a verb the server's options (-h)\n",
		word, strings.Join(names, ", "))
	return 2
}
