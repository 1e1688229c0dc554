package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// A table is one of the results.
type table struct {
	title   string
	columns []string
	rows    [][]string
	notes   []string // what is missing in it
}

// skip notes that a comparison was left out, and why.
func (t *table) skip(head []string, why string) {
	t.notes = append(t.notes, fmt.Sprintf("%s: skipped: %s", strings.Join(head, ", "), why))
}

// A figure is one number of a measurement.
type figure[M any] struct {
	of     func(M) float64
	format string
}

// compare adds three rows to t: the medians of both programs, and ours divided by theirs.
func compare[M any](t *table, head []string, programs [2]string, theirs, ours []M, figures []figure[M]) {
	medians(t, head, programs[0], theirs, figures)
	medians(t, head, programs[1], ours, figures)
	ratios(t, head, "ratio", theirs, ours, figures)
}

// medians adds a row.
func medians[M any](t *table, head []string, name string, results []M, figures []figure[M]) {
	row := append(slices.Clone(head), name)
	for _, f := range figures {
		row = append(row, fmt.Sprintf(f.format, median(results, f.of)))
	}
	t.rows = append(t.rows, row)
}

// ratios adds a row with the medians of ours divided by those of theirs.
func ratios[M any](t *table, head []string, name string, theirs, ours []M, figures []figure[M]) {
	row := append(slices.Clone(head), name)
	for _, f := range figures {
		row = append(row, ratio(median(ours, f.of), median(theirs, f.of)))
	}
	t.rows = append(t.rows, row)
}

func ratio(a, b float64) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("**%.2f**", a/b)
}

func median[M any](measurements []M, of func(M) float64) float64 {
	var values []float64
	for _, m := range measurements {
		values = append(values, of(m))
	}
	slices.Sort(values)
	if n := len(values); n%2 == 1 {
		return values[n/2]
	} else if n > 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return 0
}

func (t table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", t.title)
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	if len(t.rows) > 0 {
		line(t.columns)
		line(slices.Repeat([]string{"---"}, len(t.columns)))
	}
	for _, row := range t.rows {
		line(row)
	}
	for _, note := range t.notes {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	return b.String()
}

func (s settings) pair() [2]string { return [2]string{s.qemu.Name, s.server.Name} }

// introduction tells on what the figures were measured.
func (s settings) introduction() string {
	return fmt.Sprintf("Medians of %d rounds, %s and %s alternating; ratio is %s divided by %s. %d CPUs (%s), Linux %s.\n",
		s.rounds, s.qemu, s.server, s.server, s.qemu, runtime.NumCPU(), cpuModel(), kernel())
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(release))
}
