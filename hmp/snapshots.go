package hmp

import "qmpmigrate/qapi"

func snapshotCommands() table {
	return table{
		{
			name: "savevm", args: parseArguments("name:s?"), params: "tag",
			help: "save a VM snapshot. If no tag is provided, a new snapshot is created", run: (*call).saveVM,
		},
		{
			name: "loadvm", args: parseArguments("name:s"), params: "tag", help: "restore a VM snapshot from its tag",
			run: (*call).loadVM, complete: completeSnapshot,
		},
		{
			name: "delvm", args: parseArguments("name:s"), params: "tag", help: "delete a VM snapshot from its tag",
			run: (*call).deleteVM, complete: completeSnapshot,
		},
	}
}

// Snapshots are what no command of QMP's can do about snapshots of the machine.
type Snapshots interface {
	// SaveVM makes one of all disks. An empty name is made up.
	SaveVM(name string) error
	LoadVM(name string) error
	DeleteVM(name string) error
	// Snapshots shows those that there are, in lines of text.
	Snapshots() (string, error)
	// SnapshotNames lists the names of those that can be loaded.
	SnapshotNames() []string
}

func completeSnapshot(c *call, words []string) []string {
	if s := c.server.config.Snapshots; s != nil && len(words) == 1 {
		return s.SnapshotNames()
	}
	return nil
}

func (c *call) snapshots() (Snapshots, error) {
	if s := c.server.config.Snapshots; s != nil {
		return s, nil
	}
	return nil, qapi.Errorf("no block device can store vmstate for snapshot")
}

func (c *call) withTag(do func(s Snapshots, tag string) error) error {
	s, err := c.snapshots()
	if err != nil {
		return err
	}
	tag := c.args.text("name")
	return do(s, tag)
}

func (c *call) saveVM() error   { return c.withTag(Snapshots.SaveVM) }
func (c *call) loadVM() error   { return c.withTag(Snapshots.LoadVM) }
func (c *call) deleteVM() error { return c.withTag(Snapshots.DeleteVM) }

func (c *call) infoBlockJobs() error {
	c.out.print("No active jobs\n")
	return nil
}

func (c *call) infoSnapshots() error {
	s, err := c.snapshots()
	var text string
	if err == nil {
		text, err = s.Snapshots()
	}
	if err != nil {
		return c.bare(err)
	}
	c.out.print(text)
	return nil
}
