package cmdline

// specs returns what every QemuOpts option knows.
func specs() []*spec {
	return []*spec{
		chardevSpec(),
		monSpec(),
		{name: "accel", implied: "accel"},
		{name: "action", keys: []key{str("reboot"), str("shutdown"), str("panic"), str("watchdog")}},
		{name: "add-fd", keys: []key{number("fd"), number("set"), str("opaque")}},
		{name: "device", implied: "driver"},
		{name: "drive"},
		{name: "global", keys: []key{str("driver"), str("property"), str("value")}},
		{name: "memory", implied: "size", merge: true, keys: []key{size("size"), number("slots"), size("maxmem")}},
		{name: "msg", merge: true, keys: []key{boolean("timestamp"), boolean("guest-name")}},
		{name: "name", implied: "guest", merge: true, keys: []key{str("guest"), str("process"), boolean("debug-threads")}},
		{name: "object", implied: "qom-type"},
		{name: "overcommit", keys: []key{str("mem-lock"), boolean("cpu-pm")}},
		{name: "rtc", implied: "base", merge: true, keys: []key{str("base"), str("clock"), str("driftfix")}},
		{name: "run-with", keys: []key{boolean("async-teardown"), str("chroot"), str("user")}},
		{name: "sandbox", implied: "enable", keys: []key{
			boolean("enable"), str("obsolete"), str("elevateprivileges"), str("spawn"), str("resourcecontrol"),
		}},
		{name: "trace", implied: "enable", keys: []key{str("enable"), str("events"), str("file")}},
	}
}
