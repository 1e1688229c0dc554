package cmdline

import (
	"fmt"
	"path"
	"strings"
)

const (
	helpWidth  = 100 // columns
	helpIndent = 8   // of the sentences under an option
)

func helpOption(r *run, _ string) error {
	return &Exit{Topic: TopicVersion, Text: Help(r.parser.Prog)}
}

func versionOption(*run, string) error { return &Exit{Topic: TopicVersion} }

// Help returns the text of -h, made from the table of options.
func Help(prog string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s [options] [disk_image]\n\n", path.Base(prog))
	b.WriteString("Options may have one dash or two. In KEY=VALUE lists a comma within a value is written twice.\n")
	for _, s := range table() {
		fmt.Fprintf(&b, "\n%s:\n", s.title)
		var names []string
		for _, o := range s.options {
			head := strings.TrimSpace("-" + o.name + " " + o.arg)
			if o.help == "" {
				names = append(names, head)
				continue
			}
			b.WriteString("  " + head + "\n")
			wrap(&b, o.help, helpIndent, " ")
		}
		wrap(&b, strings.Join(names, ",\x00"), 2, "\x00") // "-net none" stays on one line
	}
	b.WriteString("\nhelp as the argument of -machine, -object, -chardev, -accel, -trace and -d lists what there is.\n")
	return b.String()
}

// wrap writes text in lines of helpWidth; words end at sep.
func wrap(b *strings.Builder, text string, indent int, sep string) {
	if text == "" {
		return
	}
	column := 0
	for word := range strings.SplitSeq(text, sep) {
		switch {
		case column == 0:
			b.WriteString(strings.Repeat(" ", indent))
			column = indent
		case column+1+len(word) > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
}
