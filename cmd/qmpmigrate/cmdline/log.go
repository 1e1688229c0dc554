package cmdline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Log is -d and -D.
type Log struct {
	Items []string // of -d, without traces
	File  string   // of -D, or -trace file=; empty: stderr. %d stands for the process id, see Name
}

// Name returns the log file's name for a process; empty for stderr.
func (l Log) Name(pid int) string { return strings.Replace(l.File, "%d", strconv.Itoa(pid), 1) }

// checkTemplate refuses a name with other per cent signs than one %d.
func (l Log) checkTemplate() error {
	if strings.Contains(strings.Replace(l.File, "%d", "", 1), "%") {
		return fail("Bad logfile template: %s", l.File)
	}
	return nil
}

// logItems are the names that -d knows.
func logItems() []string {
	return []string{
		"out_asm", "in_asm", "op", "op_opt", "op_ind", "op_plugin", "int", "exec", "cpu", "fpu", "mmu", "pcall",
		"cpu_reset", "unimp", "guest_errors", "page", "nochain", "plugin", "strace", "tid", "vpu", "invalid_mem",
	}
}

// logOption is -d. QEMU answers anything it does not know with the list, and status 1.
func logOption(r *run, value string) error {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		pattern, traced := strings.CutPrefix(item, "trace:")
		switch {
		case traced && isHelp(pattern):
			return &Exit{Topic: TopicTraceEvents}
		case traced:
			r.cfg.Trace = append(r.cfg.Trace, Trace{Pattern: pattern, Where: r.at})
		case item == "all" || slices.Contains(logItems(), item):
			items = append(items, item)
		default:
			return logHelp()
		}
	}
	r.cfg.Log.Items = items
	return nil
}

func logHelp() *Exit {
	var b strings.Builder
	b.WriteString("Log items (comma separated):\n")
	for _, item := range logItems() {
		fmt.Fprintf(&b, "%-15s without effect: no code is translated here\n", item)
	}
	fmt.Fprintf(&b, "%-15s log the trace events that match PATTERN\n", "trace:PATTERN")
	b.WriteString("\nUse \"-d trace:help\" to get a list of trace events.\n\n")
	return &Exit{Status: 1, Text: strings.TrimSuffix(b.String(), "\n")}
}

// Trace is -trace, or a trace: item of -d.
type Trace struct {
	Pattern string // an event's name or a glob with * and ?; a leading - switches off; empty: none
	Events  string // a file with one pattern a line
	Where   Origin
}

// traceOption is -trace.
func traceOption(r *run, value string) error {
	if first, _, _ := strings.Cut(value, ","); isHelp(first) {
		return &Exit{Topic: TopicTraceEvents}
	}
	o, err := r.group("trace").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	if file, ok := o.lookup("file"); ok {
		r.cfg.Log.File = file
	}
	if o.has("enable") || o.has("events") {
		r.cfg.Trace = append(r.cfg.Trace, Trace{o.get("enable"), o.get("events"), r.at})
	}
	return nil
}
