package cmdline

import (
	"qmpmigrate/core/machinetype"
	"qmpmigrate/qapi/qobject"
)

// defaults returns the Config of an empty command line, before finish.
func defaults() *Config {
	return &Config{
		Machine: Machine{Type: machinetype.MemtestName, Props: &Props{newTree(qobject.NewDict(), true)}},
		Memory:  Memory{Size: DefaultRAM},
		Actions: Actions{Reboot: "reset", Shutdown: "poweroff", Panic: "shutdown", Watchdog: "reset"},
	}
}
