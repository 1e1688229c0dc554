package main

import (
	"errors"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core"
	"qmpmigrate/core/block"
	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/machinetype"
	"qmpmigrate/core/object"
	"qmpmigrate/core/qom"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
)

// newMachine makes the machine that the command line describes.
func newMachine(conf *cmdline.Config, devices *chardevs, graph *block.Graph, objects *object.Registry, monitors *qmp.Server, traces *trace.Set,
	end func(error), report func(string)) (*core.Machine, error) {
	kind, ok := machinetype.Find(conf.Machine.Type)
	if !ok {
		return nil, conf.Machine.Unsupported()
	}
	c := core.Config{
		Name:     conf.Name.Guest,
		UUID:     conf.UUID,
		Paused:   conf.Paused,
		Incoming: len(conf.Incoming) > 0,
		Events:   monitors,
		FDSets:   monitors.FDSets(),
		Trace:    traces,
		Failed:   end,
		Exit:     func() { end(nil) },
		Actions: core.Actions{
			Reboot:   qapi.RebootAction(conf.Actions.Reboot),
			Shutdown: qapi.ShutdownAction(conf.Actions.Shutdown),
			Panic:    qapi.PanicAction(conf.Actions.Panic),
			Watchdog: qapi.WatchdogAction(conf.Actions.Watchdog),
		},
		Report: report,

		OnlyMigratable: conf.OnlyMigratable,
		Yank:           &devices.yank,
		Objects:        objects,
		Chardevs:       devices.nodes,
		Devices:        func() (named, others []*qom.Node) { return deviceNodes(conf) },
		Board: core.Board{
			Type: kind, RAM: conf.Memory.Size, DebugThreads: conf.Name.DebugThreads,
			CPUs: int(conf.SMP.CPUs), MaxCPUs: int(conf.SMP.MaxCPUs), Dies: int(conf.SMP.Dies), Modules: int(conf.SMP.Modules),
			Cores: int(conf.SMP.Cores), Threads: int(conf.SMP.Threads),
		},

		Disks: graph,
	}
	if kind.Kind != machinetype.Memtest {
		if err := noSimulatedDevices(conf); err != nil {
			return nil, err
		}
	}
	switch kind.Kind {
	case machinetype.Adopt:
		if err := conf.Machine.Props.Finish(kind.Name); err != nil {
			return nil, err
		}
		if !c.Incoming && conf.LoadVM == "" {
			return nil, errors.New("a machine of type 'adopt' needs -incoming, or -loadvm")
		}
		return core.NewRelay(c, adopt.New()), nil
	case machinetype.None:
		if err := conf.Machine.Props.Finish(kind.Name); err != nil {
			return nil, err
		}
		return core.NewEmpty(c), nil
	}
	return newMemtest(c, conf, kind, devices)
}
