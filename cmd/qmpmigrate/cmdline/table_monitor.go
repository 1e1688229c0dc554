package cmdline

func monitorOptions() section {
	return section{"Monitors and character devices", []option{
		{"qmp", "DEV", works,
			"A QMP monitor. DEV is unix:PATH or tcp:HOST:PORT with ,server=on,wait=off, stdio, or chardev:ID.",
			compatMonitor(modeQMP, false)},
		{"qmp-pretty", "DEV", works, "The same, with indented replies.", compatMonitor(modeQMP, true)},
		{"monitor", "DEV", works, "A monitor for people (HMP); none for none.", hmpMonitor},
		{"mon", "[chardev=]ID[,mode=readline|control][,pretty=on|off]", works,
			"A monitor on a -chardev: control is QMP, readline HMP.", inGroup("mon")},
		{"chardev", "BACKEND,id=ID[,KEY=VALUE]...", works,
			"A character device: socket (path=, or host= and port=, or fd=; server=on,wait=off), stdio, file, " +
				"pipe, pty, ringbuf, udp, null.", chardevOption},
		{"serial", "DEV", works, "Where the guest's serial port goes: file:PATH, stdio, chardev:ID, null, none, ...",
			serialOption},
		{"add-fd", "fd=N,set=N[,opaque=TEXT]", works,
			"Put an inherited descriptor into a set, for /dev/fdset/N.", addFDOption},
		{"qtest", "DEV", works, "Let a test harness look into guest memory.", qtestOption},
		{"qtest-log", "FILE", remembered, "Where to log that.", setText(func(c *Config) *string { return &c.QtestLog })},
		{"compat", "KEY=POLICY[,...]", works,
			"What QMP does with deprecated-input, deprecated-output, unstable-input and unstable-output: accept, " +
				"reject or crash; output: hide.", compatOption},
	}}
}
