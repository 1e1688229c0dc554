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
		{"-dump-vmstate", conf.DumpVMState != ""},
	} {
		if o.asked {
			return cmdline.Origin{Option: o.option}.Errorf("not supported yet by this build")
		}
	}
	return nil
}
