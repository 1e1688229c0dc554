package hmp

import (
	"slices"
	"strings"
)

// table is the commands of one level, in alphabetical order.
type table []command

// command is one entry of the table.
type command struct {
	name   string     // with aliases, as in "stop|s"
	args   []argument // what may or must follow it
	params string     // how help shows the arguments
	help   string
	run    func(*call) error // an error is printed
	sub    table             // of a command that only leads to others

	preconfig bool // can run before the machine is made
	// complete returns what the last of the words that follow the name may be; nil: what the type of the argument says.
	complete func(*call, []string) []string
}

// is tells whether a word is the command's name, or one of them.
func (c *command) is(word string) bool { return slices.Contains(c.names(), word) }

func (c *command) names() []string { return strings.Split(c.name, "|") }

// find returns the command of that name, or nil.
func (t table) find(word string) *command {
	for i := range t {
		if t[i].is(word) {
			return &t[i]
		}
	}
	return nil
}

// available tells whether a command can run now.
func (s *Server) available(c *command) bool { return c.preconfig || !s.config.Preconfig() }

// argument is what one word or more of a line mean.
type argument struct {
	name     string
	kind     byte // s F B S i l M o T b, / for a format, - for a flag
	flag     byte // the letter of a flag
	valued   bool // the flag has a value
	optional bool
	dotted   bool // is there if a dot comes before it
	extra    bool // a flag that the version of QEMU that this is does not have: others than it are no flags
}

// parseArguments reads QEMU's notation: NAME:TYPE, with a ? after the type of what is optional. A ! comes after a flag
// that is extra.
func parseArguments(text string) (list []argument) {
	if text == "" {
		return nil
	}
	for item := range strings.SplitSeq(text, ",") {
		name, typ, _ := strings.Cut(item, ":")
		a := argument{name: name, kind: typ[0]}
		if a.kind == '-' {
			a.flag, a.valued, a.extra = typ[1], strings.HasSuffix(typ[2:], "s"), strings.HasSuffix(typ, "!")
		}
		a.optional = strings.HasSuffix(typ, "?")
		a.dotted = strings.HasSuffix(typ, ".")
		list = append(list, a)
	}
	return list
}
