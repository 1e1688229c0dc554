package readline

import "slices"

// History is the lines that were entered, the latest last. The zero value has none.
type History struct{ lines []string }

// Lines are all lines that are kept.
func (h *History) Lines() []string { return h.lines }

// Add appends a line that is not empty. One that is there already moves to the end.
func (h *History) Add(line string) {
	if line == "" {
		return
	}
	if i := slices.Index(h.lines, line); i >= 0 {
		h.lines = slices.Delete(h.lines, i, i+1)
	}
	if len(h.lines) == maxHistory {
		h.lines = slices.Delete(h.lines, 0, 1)
	}
	h.lines = append(h.lines, line)
}
