package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/trace"
)

// openLog opens what -D names, or gives stderr. The file is made even if
// nothing will be logged. A process in the background has it for its standard
// error from then on: whoever started it may read the one before to its end.
func openLog(conf *cmdline.Config, stderr io.Writer) (io.Writer, error) {
	name := conf.Log.Name(os.Getpid())
	if name == "" {
		return stderr, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o666)
	if err != nil {
		return nil, failed(err, "Error opening logfile %s", name)
	}
	if !conf.Daemonize {
		return f, nil
	}
	defer f.Close()
	if err := unix.Dup3(int(f.Fd()), unix.Stderr, 0); err != nil {
		return nil, failed(err, "Error opening logfile %s", name)
	}
	return os.Stderr, nil
}

// newTracing makes the process's trace events, which are written to log, and
// switches those on that the command line asks for.
func newTracing(conf *cmdline.Config, log io.Writer) (*trace.Set, []cmdline.Warning, error) {
	set := trace.NewSet(newTraceLog(log, conf.Msg.Timestamp))
	var warnings []cmdline.Warning
	for _, t := range conf.Trace {
		if t.Pattern != "" {
			warnings = append(warnings, switchTrace(set, t.Pattern, t.Where)...)
		}
		if t.Events == "" {
			continue
		}
		text, err := os.ReadFile(t.Events)
		if err != nil {
			return nil, nil, &cmdline.Error{Origin: cmdline.Origin{File: t.Events}, Text: reason(err)}
		}
		for i, line := range strings.Split(string(text), "\n") {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' {
				warnings = append(warnings, switchTrace(set, line, cmdline.Origin{File: t.Events, Line: i + 1})...)
			}
		}
	}
	return set, warnings, nil
}

// switchTrace switches events on, or off where pattern begins with a minus.
func switchTrace(set *trace.Set, pattern string, where cmdline.Origin) []cmdline.Warning {
	name, off := strings.CutPrefix(pattern, "-")
	if err := set.Switch(name, !off); err != nil {
		text := fmt.Sprintf("trace event '%s' does not exist", name)
		return []cmdline.Warning{{Origin: where, Level: cmdline.LevelWarning, Text: text}}
	}
	return nil
}

// traceNames is what -trace help prints.
func traceNames(string) string {
	var b strings.Builder
	states, _ := trace.NewSet(nil).States("*")
	for _, s := range states {
		fmt.Fprintln(&b, s.Name)
	}
	return b.String()
}
