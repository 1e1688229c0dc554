package hmp

import (
	"os"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// script is a file of testdata.
type script struct {
	args  []string
	items []item
}

// item is a line that is typed, or one that is only for readers.
type item struct {
	comment string
	typed   string
	qemu    string // what QEMU prints
	ours    string // what ours prints; the same unless the file says otherwise
	differs bool
}

func readScript(t *testing.T, path string) *script {
	t.Helper()
	text, err := os.ReadFile(path)
	emulator.Must(t, err)
	s := new(script)
	for line := range strings.Lines(string(text)) {
		last := len(s.items) - 1
		switch {
		case strings.HasPrefix(line, "> "):
			s.items = append(s.items, item{typed: strings.TrimSuffix(line[2:], "\n")})
		case strings.HasPrefix(line, "  "):
			s.items[last].qemu += line[2:]
		case strings.HasPrefix(line, "! ") || line == "!\n":
			s.items[last].ours += strings.TrimPrefix(line[1:], " ")
			s.items[last].differs = true
		default:
			if args, ok := strings.CutPrefix(line, "args "); ok {
				s.args = strings.Fields(args)
			}
			s.items = append(s.items, item{comment: line})
		}
	}
	for i := range s.items {
		if it := &s.items[i]; !it.differs {
			it.ours = it.qemu
		} else if it.ours == "\n" {
			it.ours = ""
		}
	}
	return s
}

// write is the opposite of readScript.
func (s *script) write(t *testing.T, path string) {
	t.Helper()
	var b strings.Builder
	for _, it := range s.items {
		if it.comment != "" {
			b.WriteString(it.comment)
			continue
		}
		b.WriteString("> " + it.typed + "\n")
		for line := range strings.Lines(it.qemu) {
			b.WriteString("  " + line)
		}
		if it.ours == it.qemu {
			continue
		}
		if it.ours == "" {
			b.WriteString("!\n")
		}
		for line := range strings.Lines(it.ours) {
			b.WriteString("! " + line)
		}
	}
	emulator.Must(t, os.WriteFile(path, []byte(b.String()), 0o644))
}
