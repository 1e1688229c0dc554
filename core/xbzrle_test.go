package core

import (
	"path/filepath"
	"testing"

	"qmpmigrate/qapi"
)

// A cache that cannot be had is told in QEMU's words once the setup is over, and the VM goes on.
func TestCacheThatCannotBe(t *testing.T) {
	m, guest, events := newPuppet(t, Config{})
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	on := func(c qapi.MigrationCapability) qapi.MigrationCapabilityStatus {
		return qapi.MigrationCapabilityStatus{Capability: c, State: true}
	}
	must(m.Launch())
	must(m.MigrateSetCapabilities(ctx, &qapi.MigrateSetCapabilitiesArgs{Capabilities: []qapi.MigrationCapabilityStatus{
		on(qapi.MigrationCapabilityXBZRLE), on(qapi.MigrationCapabilityEvents)}}))
	must(m.MigrateSetParameters(ctx, &qapi.MigrateSetParameters{XBZRLECacheSize: new(uint64(1 << 62))}))
	uri := "file:" + filepath.Join(t.TempDir(), "out")
	events.take()
	must(m.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}))
	must(m.Migration().Wait(ctx))
	info := m.Migration().Info()
	if *info.Status != qapi.MigrationStatusFailed || *info.ErrorDesc != "Failed to allocate page cache" {
		t.Errorf("%s", info.AppendJSON(nil))
	}
	if got := events.take(); got != "MIGRATION MIGRATION MIGRATION" { // setup, active, failed
		t.Errorf("events are %s", got)
	}
	if !guest.running {
		t.Error("the VM stands")
	}
}
