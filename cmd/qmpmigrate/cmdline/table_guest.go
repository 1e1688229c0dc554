package cmdline

// guestOptions are those about hardware that the machines of this program do not have.
func guestOptions() section {
	s := section{"Hardware (checked and remembered, without effect)", []option{
		{"device", "DRIVER[,id=ID][,PROPERTY=VALUE]...|JSON", remembered, "A device.", deviceOption},
		{"cpu", "MODEL[,FEATURE]...", remembered, "A CPU model.", setText(func(c *Config) *string { return &c.CPU })},
		{"boot", "[order=]DRIVES[,menu=on|off][,strict=on|off][,...]", remembered, "What to boot.",
			machinePart("boot", "order")},
		{"netdev", "[type=]TYPE,id=ID[,...]|JSON", remembered, "A network back end.", netdevOption},
		{"audiodev", "[driver=]DRIVER,id=ID[,...]|JSON", remembered, "An audio back end.",
			keepStructured("audiodev", "driver")},
		{"display", "TYPE[,...]|JSON", remembered, "What to draw on; nothing is drawn.", displayOption},
		{"rtc", "[base=]BASE[,clock=CLOCK][,driftfix=MODE]", remembered, "The guest's clock.", inGroup("rtc")},
		{"numa", "[type=]TYPE[,...]", remembered, "NUMA nodes.", keepOpts("numa", "type")},
		{"smbios", "KEY=VALUE[,...]", remembered, "SMBIOS tables.", smbiosOption},
		{"fw_cfg", "[name=]NAME,string=TEXT|file=FILE", remembered, "A firmware item.", keepOpts("fw_cfg", "name")},
		{"fsdev", "[fsdriver=]DRIVER,id=ID[,...]", remembered, "A shared folder.", keepOpts("fsdev", "fsdriver")},
		{"virtfs", "[fsdriver=]DRIVER[,...]", remembered, "A shared folder and its device.",
			keepOpts("virtfs", "fsdriver")},
		{"tpmdev", "[type=]TYPE,id=ID[,...]", remembered, "A TPM back end.", keepOpts("tpmdev", "type")},
		{"spice", "KEY=VALUE[,...]", remembered, "A SPICE server.", keepOpts("spice", "")},
		{"nic", "[type=]TYPE[,...]", remembered, "A network card.", keepOpts("nic", "type")},
		{"icount", "[shift=]N|auto[,...]", remembered, "Virtual time by instructions.", keepOpts("icount", "shift")},
		{"acpitable", "KEY=VALUE[,...]", remembered, "An ACPI table.", keepOpts("acpitable", "")},
	}}
	for _, o := range [][3]string{
		{"vnc", "DISPLAY[,...]", "A VNC server."},
		{"vga", "TYPE", "A graphics card."},
		{"kernel", "FILE", "A kernel to boot."},
		{"initrd", "FILE", "Its RAM disk."},
		{"append", "TEXT", "Its command line."},
		{"dtb", "FILE", "A device tree."},
		{"bios", "FILE", "Firmware."},
		{"pflash", "FILE", "Firmware in flash."},
		{"sd", "FILE", "An SD card."},
		{"fda", "FILE", "A floppy."},
		{"fdb", "FILE", "A second floppy."},
		{"option-rom", "FILE", "An option ROM."},
		{"usbdevice", "DEVICE", "A USB device."},
	} {
		s.options = append(s.options, option{o[0], o[1], remembered, o[2], keep(o[0])})
	}
	return s
}
