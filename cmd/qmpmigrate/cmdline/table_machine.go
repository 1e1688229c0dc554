package cmdline

func machineOptions() section {
	machine := option{name: "machine", arg: "[type=]TYPE[,PROPERTY=VALUE]...", class: works, parse: machineOption,
		help: "The kind of machine: memtest, the built-in guest (default), or adopt, which takes in whatever VM " +
			"migrates here. TYPE,help lists the properties."}
	short := machine
	short.name, short.help = "M", "The same."
	return section{"Machine", []option{
		machine,
		short,
		{"m", "[size=]SIZE[,slots=N,maxmem=SIZE]", works,
			"Guest memory; a plain number counts MiB. Default 128.", inGroup("memory")},
		{"smp", "[cpus=]N[,maxcpus=N][,sockets=N][,dies=N][,modules=N][,cores=N][,threads=N]", works,
			"Number of vCPUs, and how they are arranged. Default 1.", machinePart("smp", "cpus")},
		{"name", "[guest=]NAME[,process=NAME][,debug-threads=on|off]", works,
			"The guest's name, as query-name shows it.", inGroup("name")},
		{"uuid", "UUID", works, "The guest's UUID; both sides of a migration may compare it.", uuidOption},
		{"S", "", works, "Do not start the guest; QMP's cont does.", setFlag(func(c *Config) *bool { return &c.Paused })},
		{"accel", "[accel=]NAME[,PROPERTY=VALUE]...", remembered,
			"Accelerators in order of preference. The built-in guest needs none: soft, its default, runs its vCPUs " +
				"as threads of this process, uffd in a process of their own, with userfaultfd.", accelOption},
		{"seed", "N", works, "Seed of the guest's random numbers.", seedOption},
		{"mem-path", "FILE", works, "Back guest memory with a file.",
			setText(func(c *Config) *string { return &c.MemPath })},
		{"mem-prealloc", "", works, "Touch all guest memory at start.",
			setFlag(func(c *Config) *bool { return &c.MemPrealloc })},
		{"set", "GROUP.ID.KEY=VALUE", works, "Add a key to an earlier option that has an id.", setOption},
		{"global", "DRIVER.PROPERTY=VALUE", works,
			"A property's default, such as migration.x-events=on.", globalOption},
	}}
}
