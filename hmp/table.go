package hmp

import (
	"slices"
	"strings"
)

// commandTable is all commands, each group from its own file.
func commandTable() table {
	t := sorted(
		helpCommands(), runStateCommands(), migrateCommands(), migrateOptionCommands(), snapshotCommands(),
		dirtyRateCommands(), announceCommands(), descriptorCommands(), objectCommands(), qomCommands(),
		traceCommands(), logCommands(), ringbufCommands(), printCommands(), memoryCommands(),
		diskCommands(),
	)
	return sorted(t, table{{
		name: "info", args: parseArguments("item:s?"), params: "[subcommand]",
		help: "show various information about the system state", run: (*call).infoHelp, preconfig: true,
		sub: sorted(
			infoIdentityCommands(), infoMachineCommands(), infoMigrateCommands(), infoOptionCommands(),
			infoDiskCommands(), infoDirtyRateCommands(), infoTraceCommands(), infoQomCommands(),
		),
	}})
}

// sorted is one table of several.
func sorted(groups ...table) table {
	t := slices.Concat(groups...)
	slices.SortFunc(t, func(a, b command) int { return strings.Compare(a.name, b.name) })
	return t
}

// infoHelp is info without a sub-command.
func (c *call) infoHelp() error {
	c.describe(c.server.table, []string{"info"}, 0)
	return nil
}
