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

// Parameter is a key of a QemuOpts option, as query-command-line-options shows it.
type Parameter struct {
	Name string
	Type string // string, boolean, number or size
}

// OptionGroup is a QemuOpts option with its keys; one without keys takes any.
type OptionGroup struct {
	Name       string
	Parameters []Parameter
}

// OptionGroups returns all QemuOpts options.
func OptionGroups() []OptionGroup {
	var groups []OptionGroup
	for _, s := range specs() {
		g := OptionGroup{Name: s.name}
		for _, k := range s.keys {
			name := [...]string{"string", "boolean", "number", "size"}[k.kind]
			g.Parameters = append(g.Parameters, Parameter{k.name, name})
		}
		groups = append(groups, g)
	}
	return groups
}
