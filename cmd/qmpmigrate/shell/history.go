package shell

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// historySize is how many lines are kept.
const historySize = 1000

// history are the lines that were entered, the last one at the end. Those that
// begin with a blank are not kept, nor the same one twice in a row.
type history struct {
	lines []string
	path  string // where they are kept; empty: nowhere
}

// openHistory reads what was kept. A file that cannot be read is none.
func openHistory(path string) *history {
	h := &history{path: path}
	file, err := os.Open(path)
	if err != nil {
		return h
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		h.lines = append(h.lines, lines.Text())
	}
	if n := len(h.lines) - historySize; n > 0 {
		h.lines = slices.Delete(h.lines, 0, n)
		// Only so is the file bounded; that it could not be written is no harm.
		_ = os.WriteFile(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600)
	}
	return h
}

// Add, Len and At are term.History's.
func (h *history) Add(line string) {
	if strings.TrimSpace(line) == "" || line[0] == ' ' || h.Len() > 0 && h.At(0) == line {
		return
	}
	if h.lines = append(h.lines, line); len(h.lines) > historySize {
		h.lines = slices.Delete(h.lines, 0, 1)
	}
	if h.path == "" || os.MkdirAll(filepath.Dir(h.path), 0o700) != nil {
		return
	}
	// A history that cannot be kept is still there for this session.
	if file, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		_, _ = file.WriteString(line + "\n")
		_ = file.Close()
	}
}

func (h *history) Len() int { return len(h.lines) }

func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
