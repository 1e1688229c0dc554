package hmp

import "qmpmigrate/qapi"

func snapshotCommands() table {
	return table{
		{
			name: "savevm", args: parseArguments("name:s?"), params: "tag",
			help: "save a VM snapshot. If no tag is provided, a new snapshot is created", run: (*call).needsDisk,
		},
		{
			name: "loadvm", args: parseArguments("name:s"), params: "tag", help: "restore a VM snapshot from its tag",
			run: (*call).needsDisk,
		},
		{
			name: "delvm", args: parseArguments("name:s"), params: "tag", help: "delete a VM snapshot from its tag",
			run: func(*call) error { return nil }, // of the disks that there are, which is none
		},
	}
}

// errNoDisk is what snapshots come to while machines have no disks.
func errNoDisk() error { return qapi.Errorf("no block device can store vmstate for snapshot") }

func (c *call) needsDisk() error { return errNoDisk() }

func (c *call) infoBlockJobs() error {
	c.out.print("No active jobs\n")
	return nil
}

func (c *call) infoSnapshots() error { return c.bare(errNoDisk()) }
