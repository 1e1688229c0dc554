package shell

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/schema"
)

const helpText = `COMMAND [NAME=VALUE...]   runs a command: migrate-set-parameters max-bandwidth=1G
                          NAME may reach into an object: addr.host=h
                          VALUE may be JSON: {"a": [1, 2]}, or "in quotes"
{"execute": ...}          runs a command as it is
help [COMMAND]            explains a command, or lists them all
exit, Ctrl-D              leaves the shell; "quit" ends the server
Tab completes, Ctrl-C clears the line or does not wait for a reply any longer
`

// localCommands are those of the shell itself.
func localCommands() []string { return []string{"exit", "help"} }

// help explains a command, or everything.
func help(w io.Writer, s *schema.Schema, name string, width int) error {
	if name == "" {
		_, _ = io.WriteString(w, helpText)
		if s != nil {
			fmt.Fprintf(w, "\nThe server's commands:\n%s", columns(s.Commands(), width))
		}
		return nil
	}
	if s == nil {
		return fmt.Errorf("the server has no schema that explains '%s'", name)
	}
	c, ok := s.Command(name)
	if !ok {
		return unknown(s, name)
	}
	fmt.Fprintf(w, "%s%s\n", c.Name, notes(c.Features, c.AllowOOB))
	explain(w, c.Arguments, "", 0)
	if c.Returns.Kind() != schema.Object || len(c.Returns.Members()) > 0 {
		fmt.Fprintf(w, "  returns %s\n", c.Returns)
	}
	return nil
}

func unknown(s *schema.Schema, name string) error {
	text := fmt.Sprintf("there is no command '%s'", name)
	if near := schema.Near(name, s.Commands()); len(near) > 0 {
		text += "; " + schema.DidYouMean(near)
	}
	return fmt.Errorf("%s", text)
}

// notes are features in brackets.
func notes(features []string, oob bool) string {
	if oob {
		features = append(slices.Clip(features), "can be executed out of band")
	}
	if len(features) == 0 {
		return ""
	}
	return " (" + strings.Join(features, ", ") + ")"
}

// helpDepth is how far an explanation goes into objects that hold objects.
const helpDepth = 2

// explain lists the members of an object.
func explain(w io.Writer, t schema.Type, prefix string, depth int) {
	t = object(t)
	for _, m := range t.Members() {
		optional := ""
		if m.Optional {
			optional = ", optional"
		}
		fmt.Fprintf(w, "  %-28s %s%s%s\n", prefix+m.Name, m.Type, optional, notes(m.Features, false))
		if object(m.Type).Kind() == schema.Object && depth+1 < helpDepth {
			explain(w, m.Type, prefix+m.Name+".", depth+1)
		}
	}
	if tag := t.Tag(); tag != "" {
		fmt.Fprintf(w, "  %-28s %s\n", prefix+"...", "others, according to "+prefix+tag)
	}
}

// columns sets names side by side.
func columns(names []string, width int) string {
	longest := 0
	for _, n := range names {
		longest = max(longest, len(n))
	}
	number := max(1, (width-1)/(longest+2))
	rows := (len(names) + number - 1) / number
	var b strings.Builder
	for row := range rows {
		var line strings.Builder
		for i := row; i < len(names); i += rows {
			fmt.Fprintf(&line, "%-*s", longest+2, names[i])
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
