package main

import (
	"errors"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core"
	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// newMachine makes the machine that the command line describes.
func newMachine(conf *cmdline.Config, devices *chardevs, events qapi.EventSink, failed func(error)) (*core.Machine, error) {
	c := core.Config{
		Name:     conf.Name.Guest,
		UUID:     conf.UUID,
		Paused:   conf.Paused,
		Incoming: len(conf.Incoming) > 0,
		Events:   events,
		Failed:   failed,
	}
	switch conf.Machine.Type {
	case cmdline.MachineAdopt:
		if err := conf.Machine.Props.Finish(cmdline.MachineAdopt); err != nil {
			return nil, err
		}
		if !c.Incoming {
			return nil, errors.New("a machine of type 'adopt' needs -incoming")
		}
		return core.NewRelay(c, adopt.New()), nil
	case cmdline.MachineMemtest:
		return newMemtest(c, conf, devices)
	}
	return nil, conf.Machine.Unsupported()
}

func newMemtest(c core.Config, conf *cmdline.Config, devices *chardevs) (*core.Machine, error) {
	workload, err := workload(conf.Machine.Props)
	if err != nil {
		return nil, err
	}
	test := memtest.Config{
		RAMSize:  conf.Memory.Size,
		VCPUs:    int(conf.SMP.CPUs),
		Workload: workload,
		Prealloc: conf.MemPrealloc,
	}
	if len(conf.Serial) > 0 && conf.Serial[0].Chardev != nil {
		test.Serial = devices.writer(conf.Serial[0].Chardev)
	}
	return core.NewMemtest(c, test)
}

// workload reads the machine's properties: workload=NAME and its options.
func workload(props *cmdline.Props) (memtest.Workload, error) {
	name := props.String("workload", "")
	options := map[string]string{}
	for _, key := range memtest.WorkloadOptions() {
		if props.Has(key) {
			options[key] = props.String(key, "")
		}
	}
	if err := props.Finish(cmdline.MachineMemtest); err != nil {
		return nil, err
	}
	return memtest.ParseWorkload(name, options)
}

// machineProperties is what -machine TYPE,help prints.
func machineProperties(name string) string {
	if name != cmdline.MachineMemtest {
		return ""
	}
	text := "memtest-machine options:\n  workload=<sweep|stress|idle>\n"
	for _, key := range memtest.WorkloadOptions() {
		text += "  " + key + "=<value>\n"
	}
	return text
}
