package hmp

import (
	"strings"

	"qmpmigrate/hmp/syntax"
)

func helpCommands() table {
	return table{
		{name: "help|?", args: parseArguments("name:S?"), params: "[cmd]", help: "show the help", run: (*call).help, preconfig: true},
	}
}

// help is the command help.
func (c *call) help() error {
	name := c.args.text("name")
	if name == "log" {
		c.helpLog()
		return nil
	}
	if words, ok := syntax.Words(name, maxWords); ok {
		c.describe(c.server.table, words, 0)
	}
	return nil
}

// describe prints the help of the command that words name from words[at] on, where t holds it; that of all of t when
// the words end there.
func (c *call) describe(t table, words []string, at int) {
	if at == len(words) {
		for i := range t {
			c.describeOne(&t[i], words)
		}
		return
	}
	command := t.find(words[at])
	switch {
	case command == nil || !c.server.available(command):
		c.out.printf("unknown command: '%s'\n", strings.Join(words[:at+1], " "))
	case command.sub != nil:
		c.describe(command.sub, words, at+1)
	default:
		c.describeOne(command, words[:at])
	}
}

func (c *call) describeOne(command *command, parents []string) {
	if !c.server.available(command) {
		return
	}
	for _, word := range parents {
		c.out.printf("%s ", word)
	}
	c.out.printf("%s %s -- %s\n", command.name, command.params, command.help)
}
