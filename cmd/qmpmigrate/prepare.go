package main

import (
	"os"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/guest/sharedmem"
	"qmpmigrate/core/machinetype"
)

// prepare checks what no option alone tells, and gives what there is to say about it.
func prepare(conf *cmdline.Config) ([]cmdline.Warning, error) {
	if err := unsupported(conf); err != nil {
		return nil, err
	}
	_, warnings, err := conf.ChooseAccel(sharedmem.Probe)
	if t, _ := machinetype.Find(conf.Machine.Type); t.Deprecated && err == nil {
		warnings = append(warnings, cmdline.Warning{Level: cmdline.LevelWarning, Text: "Machine type '" + t.Name +
			"' is deprecated: machines more than 3 years old are subject to deletion after 6 years"})
	}
	return warnings, err
}

// nameProcess is -name process=: what ps and top show.
func nameProcess(conf *cmdline.Config) {
	if conf.Name.Process != "" {
		// A name is a comfort: it does not matter if it fails.
		_ = os.WriteFile("/proc/self/comm", []byte(conf.Name.Process), 0)
	}
}
