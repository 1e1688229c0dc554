// Command qmpmigrate is QEMU's live migration as one program: a server that
// speaks QMP and the migration stream, and verbs that work with both.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"qmpmigrate/core/guest/memtest"
)

func main() {
	memtest.BecomeVCPUs()
	os.Exit(run(os.Args))
}

// verb is a door of its own; without one the server starts.
type verb struct {
	name, summary string
	main          func(args []string) int
}

func verbs() []verb {
	return []verb{
		{"migrate", "moves a VM between two QMP servers, real QEMU or qmpmigrate",
			func(args []string) int { return migrateMain(args, os.Stdout, os.Stderr) }},
		{"shell", "talks to a QMP server, with completion from its own schema",
			func(args []string) int { return shellMain(args, os.Stdin, os.Stdout, os.Stderr) }},
		{"inspect", "shows what a migration stream holds",
			func(args []string) int { return inspectMain(args, os.Stdout, os.Stderr) }},
		{"demo", "shows migrations on this machine",
			func(args []string) int { return demoMain(args, os.Stdout, os.Stderr) }},
		{"help", "explains a verb: help migrate", helpMain},
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
	status := serverMain(filepath.Base(argv[0]), argv[1:], os.Stdout, os.Stderr)
	if len(argv) == 2 && status == 0 && strings.Trim(argv[1], "-") == "h" {
		fmt.Printf("\nverbs:\n%s", verbList())
	}
	return status
}

// helpMain is the verb help; args are what follows it. It gives the exit status.
func helpMain(args []string) int {
	if len(args) == 0 {
		fmt.Printf("usage: qmpmigrate VERB [ARGUMENT...]\n       qmpmigrate [OPTION...]\n\n"+
			"Without a verb it is a server with QEMU's options; qmpmigrate -h lists them. The verbs:\n\n%s", verbList())
		return 0
	}
	for _, v := range verbs() {
		if v.name == args[0] && v.name != "help" {
			return v.main([]string{"--help"})
		}
	}
	return unknownVerb(args[0])
}

func verbList() string {
	var b strings.Builder
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-8s %s\n", v.name, v.summary)
	}
	return b.String()
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
