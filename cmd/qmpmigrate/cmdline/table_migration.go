package cmdline

func migrationOptions() section {
	return section{"Migration and life cycle", []option{
		{"incoming", "URI|CHANNEL", works,
			"Wait for a migration: defer (the address comes by QMP), tcp:HOST:PORT, unix:PATH, fd:N, " +
				"exec:COMMAND, file:PATH, or a channel such as main,addr.transport=socket,addr.type=unix,addr.path=PATH.",
			incomingOption},
		{"loadvm", "TAG", works, "Start from a snapshot.", setText(func(c *Config) *string { return &c.LoadVM })},
		{"dump-vmstate", "FILE", works, "Write the description of all device state to a file and exit.",
			setText(func(c *Config) *string { return &c.DumpVMState })},
		{"only-migratable", "", works, "Refuse whatever would block a migration.",
			setFlag(func(c *Config) *bool { return &c.OnlyMigratable })},
		{"preconfig", "", works, "Wait for x-exit-preconfig before the machine is made.",
			setFlag(func(c *Config) *bool { return &c.Preconfig })},
		{"no-shutdown", "", works, "Keep the process when the guest shuts down.", noShutdown},
		{"no-reboot", "", works, "Shut down when the guest reboots.", noReboot},
		{"action", "EVENT=ACTION[,...]", works, "What to do on reboot, shutdown, panic and watchdog.", actionOption},
		{"watchdog-action", "ACTION", works, "The same as -action watchdog=ACTION.", watchdogOption},
	}}
}
