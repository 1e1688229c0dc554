package hmp

import "qmpmigrate/qapi"

func descriptorCommands() table {
	return table{
		{
			name: "getfd", args: parseArguments("fdname:s"), params: "getfd name",
			help: "receive a file descriptor via SCM rights and assign it a name", run: (*call).getfd, preconfig: true,
		},
		{
			name: "closefd", args: parseArguments("fdname:s"), params: "closefd name",
			help: "close a file descriptor previously passed via SCM rights", run: (*call).closefd, preconfig: true,
		},
	}
}

func (c *call) getfd() error {
	return c.commands().Getfd(c.ctx, &qapi.GetfdArgs{Fdname: c.args.text("fdname")})
}

func (c *call) closefd() error {
	return c.commands().Closefd(c.ctx, &qapi.ClosefdArgs{Fdname: c.args.text("fdname")})
}
