package cmdline

func processOptions() section {
	return section{"Process, log and trace", []option{
		{"h", "", works, "This text.", helpOption},
		{"help", "", works, "This text.", helpOption},
		{"version", "", works, "Version.", versionOption},
		{"daemonize", "", works, "Go to the background once everything is ready.",
			setFlag(func(c *Config) *bool { return &c.Daemonize })},
		{"pidfile", "FILE", works, "Write the process id to a file, locked while running.",
			setText(func(c *Config) *string { return &c.PidFile })},
		{"D", "FILE", works, "Log to a file; %d stands for the process id.",
			setText(func(c *Config) *string { return &c.Log.File })},
		{"d", "ITEM[,ITEM]...", works, "What to log: trace:PATTERN; QEMU's other items are known and without effect.",
			logOption},
		{"trace", "[[enable=]PATTERN][,events=FILE][,file=FILE]", works, "Trace events by name or glob.", traceOption},
		{"msg", "[timestamp=on|off][,guest-name=on|off]", works, "What messages on stderr start with.", inGroup("msg")},
		{"sandbox", "on|off[,spawn=allow|deny][,...]", works, "spawn=deny refuses exec: migration.", sandboxOption},
		{"run-with", "[user=USER][,chroot=DIR][,async-teardown=on|off]", works,
			"Change user and root once everything is open.", runWithOption},
		{"runas", "USER", works, "The same as -run-with user=USER.",
			setText(func(c *Config) *string { return &c.RunWith.User })},
		{"chroot", "DIR", works, "The same as -run-with chroot=DIR.",
			setText(func(c *Config) *string { return &c.RunWith.Chroot })},
		{"overcommit", "[mem-lock=on|off|on-fault][,cpu-pm=on|off]", works, "mem-lock=on keeps memory from swap.",
			overcommitOption},
		{"readconfig", "FILE", works, "Read options from a file.", readConfigOption},
	}}
}
