package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"qmpmigrate/core/inspect"
)

const inspectUsage = `usage: qmpmigrate inspect FILE [--json]

Shows what a migration stream holds: its configuration, the RAM blocks with
their pages, and every device with its fields. FILE - is the standard input.
With --json the output is one JSON object for tools.

Exit status: 0 the stream is whole, 1 it is not or cannot be read (the reason
is on the standard error, what was read before is shown), 2 bad usage.
`

// inspectOptions are the verb's command line.
type inspectOptions struct {
	file       string
	json, help bool
}

// inspectMain is the verb inspect; args are what follows it. It gives the exit status.
func inspectMain(args []string, stdout, stderr io.Writer) int {
	return inspectFrom(args, os.Stdin, stdout, stderr)
}

func inspectFrom(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	options, err := parseInspect(args)
	if err != nil {
		fmt.Fprintf(stderr, "qmpmigrate inspect: %v\n%s", err, inspectUsage)
		return 2
	}
	if options.help {
		_, _ = io.WriteString(stdout, inspectUsage)
		return 0
	}
	src := stdin
	if options.file != "-" {
		file, err := os.Open(options.file)
		if err != nil {
			fmt.Fprintf(stderr, "qmpmigrate inspect: %v\n", err)
			return 1
		}
		defer file.Close()
		src = file
	}
	report, err := inspect.Read(src)
	if writeErr := showReport(report, err, options.json, stdout); writeErr != nil {
		fmt.Fprintf(stderr, "qmpmigrate inspect: %v\n", writeErr)
		return 1
	}
	if err != nil {
		fmt.Fprintf(stderr, "qmpmigrate inspect: %v\n", err)
		return 1
	}
	return 0
}

func showReport(report *inspect.Report, err error, json bool, w io.Writer) error {
	if json {
		return report.WriteJSON(w, err)
	}
	return report.WriteText(w)
}

func parseInspect(args []string) (inspectOptions, error) {
	var o inspectOptions
	plain := false // behind "--" everything is a file
	for _, arg := range args {
		switch {
		case !plain && arg == "--":
			plain = true
		case !plain && arg == "--json":
			o.json = true
		case !plain && (arg == "--help" || arg == "-h"):
			o.help = true
		case !plain && len(arg) > 1 && arg[0] == '-':
			return o, fmt.Errorf("unknown option %s", arg)
		case o.file != "":
			return o, errors.New("more than one file")
		default:
			o.file = arg
		}
	}
	if o.file == "" && !o.help {
		return o, errors.New("no file")
	}
	return o, nil
}
