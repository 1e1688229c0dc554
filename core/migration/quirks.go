package migration

import (
	"strconv"
	"strings"
)

// machineVersion takes the version from the name of a QEMU machine type
// ("pc-i440fx-7.2", "pc-q35-10.0"). Other names have none.
func machineVersion(name string) (major, minor int, ok bool) {
	at := strings.LastIndexByte(name, '-')
	if at < 0 {
		return 0, 0, false
	}
	first, rest, found := strings.Cut(name[at+1:], ".")
	if !found {
		return 0, 0, false
	}
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, false
	}
	minor, err = strconv.Atoi(rest)
	return major, minor, err == nil
}

// sendsSwitchoverStart: the command is known to machines of 10.0 and newer, and
// fatal for those before. A machine that is not QEMU's is always ours.
func sendsSwitchoverStart(machine string) bool {
	major, _, ok := machineVersion(machine)
	return !ok || major >= 10
}
