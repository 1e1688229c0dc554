package hmp

import "qmpmigrate/hmp/syntax"

// execute carries out a line, and prints what comes of it.
func (c *call) execute(line string) {
	s := syntax.NewScanner(line)
	command := c.lookUp(s, c.server.table)
	if command == nil {
		return
	}
	name := syntax.TrimBlanks(s.Before())
	args, err := c.parse(s, command)
	if err != nil {
		c.out.printf("%v\nTry \"help %s\" for more information\n", err, name)
		return
	}
	c.args = args
	c.fail(command.run(c))
}

// lookUp reads a command's name, down to a sub-command. It prints why there is none, unless the line is empty.
func (c *call) lookUp(s *syntax.Scanner, t table) *command {
	for {
		if s.SkipBlanks() {
			return nil
		}
		command := t.find(s.Name())
		if command == nil {
			c.out.printf("unknown command: '%s'\n", s.Before())
			return nil
		}
		if !c.server.available(command) {
			c.out.printf("Command '%s' not available until machine initialization has completed.\n", s.Before())
			return nil
		}
		if s.SkipBlanks() || command.sub == nil {
			return command
		}
		t = command.sub
	}
}
