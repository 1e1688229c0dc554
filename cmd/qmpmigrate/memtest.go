package main

import (
	"errors"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core"
	"qmpmigrate/core/block"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/machinetype"
)

// newMemtest makes a machine with the built-in guest, under its own name or one of QEMU's.
func newMemtest(c core.Config, conf *cmdline.Config, kind machinetype.Type, devices *chardevs) (*core.Machine, error) {
	props := conf.Machine.Props
	button := "ignore"
	if kind.Obeys {
		button = "shutdown"
	}
	powerdown := props.Enum("powerdown", button, "ignore", "shutdown") == "shutdown"
	writes, rate := props.Has("disk-rate"), props.Size("disk-rate", 0)
	workload, err := workload(props, kind)
	if err != nil {
		return nil, err
	}
	if sweep, ok := workload.(*memtest.Sweep); ok && suspendsItself(c.Disks) {
		sweep.Suspend = true
	}
	ram, id, err := guestMemory(conf, c.Objects, kind.RAM)
	if err != nil {
		return nil, err
	}
	c.RAM = id
	inside, err := identity(conf.RunWith)
	if err != nil {
		return nil, err
	}
	test := memtest.Config{
		RAM:       ram.Block(),
		VCPUs:     int(conf.SMP.CPUs),
		Workload:  workload,
		Powerdown: powerdown,
		Apart:     conf.Accel == cmdline.AccelUffd,
		Inside:    inside,
		DirtyRing: int(conf.DirtyRing),
	}
	if writes {
		if test.Disk, err = firstDisk(c.Disks); err != nil {
			return nil, err
		}
		test.DiskRate = rate
	}
	if test.Serial, err = devices.serial(conf); err != nil {
		return nil, err
	}
	plugged, blockers, err := simulatedDevices(conf, c.Events, c.Report)
	if err != nil {
		return nil, err
	}
	test.Devices = plugged
	m, err := core.NewMemtest(c, test)
	if err != nil {
		return nil, err
	}
	for _, reason := range blockers {
		if _, err := m.Migration().Block(reason); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	return m, nil
}

// firstDisk is the disk that the guest writes: the first that can be written.
func firstDisk(disks *block.Graph) (memtest.Disk, error) {
	for _, b := range disks.Backends() {
		if !b.Node.ReadOnly() {
			return b.Disk(), nil
		}
	}
	return nil, errors.New("disk-rate needs a disk that can be written")
}

// workload reads the machine's properties: workload=NAME and its options.
func workload(props *cmdline.Props, kind machinetype.Type) (memtest.Workload, error) {
	options := map[string]string{}
	if kind.Pace != "" && !props.Has("workload") {
		options["rate"] = kind.Pace
	}
	name := props.String("workload", kind.Workload)
	for _, key := range memtest.WorkloadOptions() {
		if props.Has(key) {
			options[key] = props.String(key, "")
		}
	}
	if err := props.Finish(kind.Name); err != nil {
		return nil, err
	}
	return memtest.ParseWorkload(name, options)
}

// machineProperties is what -machine TYPE,help prints.
func machineProperties(name string) string {
	kind, ok := machinetype.Find(name)
	if !ok {
		return ""
	}
	text := kind.Name + "-machine options:\n"
	for _, p := range kind.Properties() {
		text += p.String() + "\n"
	}
	if kind.Kind != machinetype.Memtest {
		return text
	}
	text += "  workload=<sweep|stress|idle>\n  powerdown=<ignore|shutdown>\n  disk-rate=<size>\n"
	for _, key := range memtest.WorkloadOptions() {
		text += "  " + key + "=<value>\n"
	}
	return text
}
