package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// screen is where a verb writes for people: headings, and below them rows of a
// label and what there is to say.
type screen struct {
	out      io.Writer
	terminal bool
	begun    bool
}

func newScreen(out io.Writer) *screen { return &screen{out: out, terminal: isTerminal(out)} }

// isTerminal says whether lines can be drawn anew on w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// heading begins a part.
func (s *screen) heading(text string) {
	s.note(text)
	fmt.Fprintln(s.out)
}

// note is a line of its own.
func (s *screen) note(text string) {
	if s.begun {
		fmt.Fprintln(s.out)
	}
	s.begun = true
	fmt.Fprintln(s.out, text)
}

// row is one fact.
func (s *screen) row(name, format string, args ...any) {
	fmt.Fprintf(s.out, "%s%s\n", label(name), fmt.Sprintf(format, args...))
}

// label is the left column.
func label(name string) string { return fmt.Sprintf("   %-12s ", name) }

// span and mebibytes write what was measured for people.
func span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func mebibytes[N int64 | float64](bytes N) string {
	return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20))
}
