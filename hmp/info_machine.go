package hmp

import (
	"qmpmigrate/qapi"
)

func infoIdentityCommands() table {
	return table{
		{name: "version", help: "show the version of QEMU", run: (*call).infoVersion, preconfig: true},
		{name: "name", help: "show the current VM name", run: (*call).infoName, preconfig: true},
		{name: "uuid", help: "show the current VM UUID", run: (*call).infoUUID, preconfig: true},
		{
			name: "status", help: "show the current VM status (running|paused)", run: (*call).infoStatus,
			preconfig: true,
		},
		{name: "history", help: "show the command line history", run: (*call).infoHistory, preconfig: true},
	}
}

func (c *call) infoVersion() error {
	v := &c.server.config.Version
	c.out.printf("%d.%d.%d%s\n", v.QEMU.Major, v.QEMU.Minor, v.QEMU.Micro, v.Package)
	return nil
}

func (c *call) infoName() error {
	info, err := c.commands().QueryName(c.ctx)
	if err == nil && info.Name != nil {
		c.out.printf("%s\n", *info.Name)
	}
	return err
}

func (c *call) infoUUID() error {
	info, err := c.commands().QueryUUID(c.ctx)
	if err == nil {
		c.out.printf("%s\n", info.UUID)
	}
	return err
}

func (c *call) infoStatus() error {
	info, err := c.commands().QueryStatus(c.ctx)
	switch {
	case err != nil:
		return err
	case info.Running:
		c.out.print("VM status: running\n")
	case info.Status == qapi.RunStatePaused:
		c.out.print("VM status: paused\n")
	default:
		c.out.printf("VM status: paused (%s)\n", info.Status)
	}
	return nil
}

// infoHistory shows the lines that were entered, this one included.
func (c *call) infoHistory() error {
	if c.history == nil {
		return nil
	}
	for i, line := range c.history.Lines() {
		c.out.printf("%d: '%s'\n", i, line)
	}
	return nil
}

func infoMachineCommands() table {
	return table{
		{name: "chardev", help: "show the character devices", run: (*call).infoChardev, preconfig: true},
		{name: "cpus", help: "show infos for each CPU", run: (*call).infoCPUs},
		{name: "iothreads", help: "show iothreads", run: (*call).infoIOThreads, preconfig: true},
		{name: "kvm", help: "show KVM information", run: (*call).infoKVM},
		{name: "memdev", help: "show memory backends", run: (*call).infoMemdev, preconfig: true},
		{
			name: "memory_size_summary",
			help: "show the amount of initially allocated and present hotpluggable (if enabled) memory in bytes.",
			run:  (*call).infoMemorySize,
		},
		{name: "ramblock", help: "Display system ramblock information", run: (*call).infoRAMBlock},
	}
}
