package hmp

import (
	"context"
	"errors"

	"qmpmigrate/hmp/readline"
	"qmpmigrate/hmp/syntax"
	"qmpmigrate/qapi"
)

// shell is what lines of one monitor leave for those that follow.
type shell struct {
	history *readline.History // nil for single lines
	format  *syntax.Format    // that of the last command with one
	cpu     int64             // the vCPU that commands are about
	monitor *Monitor          // nil for single lines
}

// call is one line that is being carried out.
type call struct {
	*shell
	server *Server
	ctx    context.Context
	args   arguments
	out    *output
	quit   bool // the session is over
}

// commands are what calls end in.
func (c *call) commands() Commands { return c.server.config.Commands }

// fail prints an error as users see it; nil prints nothing.
func (c *call) fail(err error) {
	if err == nil {
		return
	}
	if help, ok := errors.AsType[Help](err); ok {
		c.out.print(string(help))
		return
	}
	c.out.printf("Error: %s\n", qapi.AsError(err).Desc)
	if e, ok := errors.AsType[*HintedError](err); ok {
		for _, line := range e.Hints {
			c.out.print(line + "\n")
		}
	}
}
