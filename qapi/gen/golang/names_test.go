package golang

import "testing"

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"uri":                   "URI",
		"postcopy-ram":          "PostcopyRAM",
		"x-colo":                "XCOLO",
		"migrate_cancel":        "MigrateCancel",
		"qmp_capabilities":      "QMPCapabilities",
		"query-uuid":            "QueryUUID",
		"UUID":                  "UUID",
		"fdname":                "Fdname", // only whole parts are abbreviations
		"ipv4":                  "IPv4",
		"rdma-pin-all":          "RDMAPinAll",
		"avail-switchover":      "AvailSwitchover",
		"host-qmp-quit":         "HostQMPQuit",
		"multifd-zlib-level":    "MultifdZlibLevel",
		"vcpu-dirty-limit":      "VCPUDirtyLimit",
		"dirty-limit-ring-full": "DirtyLimitRingFull",
	} {
		if got := goName(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := eventType("MIGRATION_PASS"); got != "MigrationPassEvent" {
		t.Errorf("event type %s", got)
	}
}
