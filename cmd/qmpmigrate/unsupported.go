package main

import (
	"qmpmigrate/cmd/qmpmigrate/cmdline"
)

// unsupported refuses options that this build understands and would have to ignore.
func unsupported(conf *cmdline.Config) error {
	for _, o := range []struct {
		option string
		asked  bool
	}{
		{"-daemonize", conf.Daemonize},
		{"-preconfig", conf.Preconfig},
		{"-loadvm", conf.LoadVM != ""},
		{"-dump-vmstate", conf.DumpVMState != ""},
		{"-qtest", conf.Qtest != nil},
		{"-monitor", len(conf.HMP) > 0},
		{"-global", len(conf.Globals) > 0},
		{"-trace", len(conf.Trace) > 0},
	} {
		if o.asked {
			return cmdline.Origin{Option: o.option}.Errorf("not supported yet by this build")
		}
	}
	return nil
}
