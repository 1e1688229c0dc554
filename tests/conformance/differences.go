package conformance

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
)

// Differences is the list of what may differ from the reference, and why.
type Differences struct {
	mu   sync.Mutex
	list []*difference
}

type difference struct {
	line        int
	tag, script string // script is a pattern as in path.Match
	pattern     *regexp.Regexp
	reason      string
	used        bool
}

// ParseDifferences reads a list. A line "= REASON" begins a group; the lines below it are TAG SCRIPT REGEXP, where
// the expression finds something in what was asked and the lines that came back.
func ParseDifferences(text string) (*Differences, error) {
	d := &Differences{}
	reason := ""
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if title, ok := strings.CutPrefix(line, "= "); ok {
			reason = title
			continue
		}
		parts := strings.SplitN(line, " ", 3)
		if len(parts) != 3 || reason == "" {
			return nil, fmt.Errorf("line %d: not TAG SCRIPT REGEXP below a reason", i+1)
		}
		pattern, err := regexp.Compile("(?m)" + parts[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		d.list = append(d.list, &difference{line: i + 1, tag: parts[0], script: parts[1], pattern: pattern, reason: reason})
	}
	return d, nil
}

// Reason returns why what tag answers in a script may differ, "" if nothing says so.
func (d *Differences) Reason(tag, script string, exchange []string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := strings.Join(exchange, "\n")
	reason := ""
	for _, x := range d.list {
		if ok, _ := path.Match(x.script, script); ok && x.tag == tag && x.pattern.MatchString(text) {
			x.used = true
			reason = x.reason
		}
	}
	return reason
}

// Unused returns what is listed and does not occur.
func (d *Differences) Unused(about func(script string) bool) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, x := range d.list {
		if !x.used && about(x.script) {
			out = append(out, fmt.Sprintf("line %d: %s %s %s (%s)", x.line, x.tag, x.script, x.pattern, x.reason))
		}
	}
	return out
}
