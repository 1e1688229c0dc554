package hmp

import (
	"context"

	"qmpmigrate/qapi"
)

func runStateCommands() table {
	return table{
		{name: "stop|s", help: "stop emulation", run: plain(Commands.Stop)},
		{name: "cont|c", help: "resume emulation", run: plain(Commands.Cont)},
		{name: "quit|q", help: "quit the emulator", run: (*call).quitCommand, preconfig: true},
		{name: "exit_preconfig", help: "exit the preconfig state", run: plain(Commands.XExitPreconfig), preconfig: true},
		{name: "system_reset", help: "reset the system", run: plain(Commands.SystemReset)},
		{name: "system_powerdown", help: "send system power down event", run: plain(Commands.SystemPowerdown)},
		{name: "system_wakeup", help: "wakeup guest from suspend", run: plain(Commands.SystemWakeup)},
		{name: "nmi", help: "inject an NMI", run: plain(Commands.InjectNmi)},
		{
			name: "watchdog_action", args: parseArguments("action:s"),
			params: "[reset|shutdown|poweroff|pause|debug|none|inject-nmi]", help: "change watchdog action",
			run: (*call).watchdogAction, complete: first(names(qapi.WatchdogActionValues())),
		},
	}
}

// plain is a command that only calls another one.
func plain(f func(Commands, context.Context) error) func(*call) error {
	return func(c *call) error { return f(c.commands(), c.ctx) }
}

func (c *call) quitCommand() error {
	c.quit = true
	return c.commands().Quit(c.ctx)
}

func (c *call) watchdogAction() error {
	action, err := enum(qapi.ParseWatchdogAction, c.args.text("action"))
	if err != nil {
		return err
	}
	return c.commands().SetAction(c.ctx, &qapi.SetActionArgs{Watchdog: &action})
}
