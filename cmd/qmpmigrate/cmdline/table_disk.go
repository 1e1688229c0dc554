package cmdline

func diskOptions() section {
	return section{"Disks", []option{
		{"drive", "file=FILE[,if=BUS][,format=FORMAT][,id=ID][,...]", remembered, "A disk.", inGroup("drive")},
		{"blockdev", "[driver=]DRIVER,node-name=NAME[,...]|JSON", remembered, "A block node.", blockdevOption},
		{"hda", "FILE", remembered, "The first disk; an argument without dash is the same.", diskOption("0", "disk")},
		{"hdb", "FILE", remembered, "The second disk.", diskOption("1", "disk")},
		{"hdc", "FILE", remembered, "The third disk.", diskOption("2", "disk")},
		{"hdd", "FILE", remembered, "The fourth disk.", diskOption("3", "disk")},
		{"cdrom", "FILE", remembered, "A CD.", diskOption("2", "cdrom")},
		{"snapshot", "", works, "What is written to drives is forgotten, unless they have snapshot=off.",
			setFlag(func(c *Config) *bool { return &c.Snapshot })},
	}}
}
