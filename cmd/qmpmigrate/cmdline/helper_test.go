package cmdline

import (
	"errors"
	"strings"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// words splits a command line at blanks; single quotes keep blanks and everything else, as a shell would.
func words(line string) (args []string) {
	var word strings.Builder
	quoted, open := false, false
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, open = !quoted, true
		case !quoted && (c == ' ' || c == '\n' || c == '\t'):
			if open {
				args = append(args, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(c)
			open = true
		}
	}
	if open {
		args = append(args, word.String())
	}
	return args
}

func TestWords(t *testing.T) {
	got := words(" a 'b c' ''\nd'e f'g ")
	if want := "a|b c||de fg"; strings.Join(got, "|") != want {
		t.Fatalf("words = %q, want %q", got, want)
	}
}

// parsed returns the Config of a line that has to be in order, without warnings.
func parsed(t *testing.T, line string) *Config {
	t.Helper()
	cfg, warnings, err := Parse("PROG", words(line))
	if err != nil {
		t.Fatalf("%s\n%v", line, err)
	}
	for _, w := range warnings {
		t.Errorf("%s\nunexpected warning: %s", line, w.Render("PROG"))
	}
	return cfg
}

// refused returns what a bad line prints to stderr, less the last line end.
func refused(t *testing.T, args []string) string {
	t.Helper()
	cfg, _, err := Parse("PROG", args)
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%q: error %v, config %v; want an *Error", args, err, cfg)
	}
	if cfg != nil {
		t.Errorf("%q: a config beside an error", args)
	}
	return strings.TrimSuffix(failure.Render("PROG"), "\n")
}

// badLine is a command line with all that it prints.
type badLine struct{ line, want string }

// checkBad runs a table of bad lines. In want, "@: " at the start of a line stands for "PROG: " and the last option
// with its value.
func checkBad(t *testing.T, rows []badLine) {
	t.Helper()
	for _, row := range rows {
		args := words(row.line)
		var place []string
		for i, arg := range args {
			if strings.HasPrefix(arg, "-") && len(arg) > 1 && !isDigit(arg[1]) {
				place = append([]string(nil), args[i:]...)
			}
		}
		if len(place) > 0 {
			place[0] = "-" + strings.TrimLeft(place[0], "-")
		}
		want := strings.ReplaceAll("\n"+row.want, "\n@: ", "\nPROG: "+strings.Join(place, " ")+": ")[1:]
		if got := refused(t, args); got != want {
			t.Errorf("%s\n got: %s\nwant: %s", row.line, got, want)
		}
	}
}

// printed returns the Exit of a line that asks for a text.
func printed(t *testing.T, line string) *Exit {
	t.Helper()
	_, _, err := Parse("PROG", words(line))
	exit, ok := errors.AsType[*Exit](err)
	if !ok {
		t.Fatalf("%s: error %v, want an *Exit", line, err)
	}
	return exit
}

// compact renders a value as QMP would.
func compact(v any) string { return string(qobject.Append(nil, v)) }
