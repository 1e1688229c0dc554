package core

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// told keeps lines of trace events.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (t *told) line(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, text)
}

// only gives the lines of some events.
func (t *told) only(names ...trace.Name) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for _, line := range t.lines {
		name, _, _ := strings.Cut(line, " ")
		if slices.Contains(names, trace.Name(name)) {
			lines = append(lines, line)
		}
	}
	return lines
}

// tracedMachine is a memtest machine all of whose trace events tell.
func tracedMachine(t *testing.T, conf Config) (*Machine, *told) {
	t.Helper()
	log := &told{}
	conf.Trace = trace.NewSet(trace.Lines(log.line))
	if err := conf.Trace.Switch("*", true); err != nil {
		t.Fatal(err)
	}
	m, err := NewMemtest(conf, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, log
}

// TestTraceOfAMigration: what a real QEMU tells of a short migration through a file, as far as this build has it.
func TestTraceOfAMigration(t *testing.T) {
	ctx := context.Background()
	uri := "file:" + filepath.Join(t.TempDir(), "stream")
	src, log := tracedMachine(t, Config{})
	if err := src.Launch(); err != nil {
		t.Fatal(err)
	}
	if err := src.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := src.Migration().Wait(ctx); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"runstate_set current_state=6 current_state_str=prelaunch new_state=9 new_state_str=running",
		"migrate_set_state new_state=setup",
		"migration_file_outgoing filename=" + strings.TrimPrefix(uri, "file:"),
		"savevm_state_header",
		"savevm_state_setup",
		"migrate_set_state new_state=active",
		"migration_thread_setup_complete",
		"migrate_global_state_pre_save state=running",
		"runstate_set current_state=9 current_state_str=running new_state=7 new_state_str=finish-migrate",
		"vm_state_notify running=0 reason=7 reason_str=finish-migrate",
		"migration_completion_vm_stop ret=0",
		"migrate_set_state new_state=device",
		"vmstate_save idstr=cpu vmsd_name=cpu",
		"vmstate_save idstr=serial vmsd_name=serial",
		"vmstate_save idstr=memtest-workload vmsd_name=memtest-workload",
		"vmstate_save idstr=globalstate vmsd_name=globalstate",
		"migration_cleanup",
		"migrate_set_state new_state=completed",
		"runstate_set current_state=7 current_state_str=finish-migrate new_state=5 new_state_str=postmigrate",
	}
	got := log.only(trace.RunStateSet, trace.VMStateNotify, trace.MigrateSetState, trace.MigrationFileOutgoing,
		trace.SavevmStateHeader, trace.SavevmStateSetup, trace.MigrationThreadSetupComplete, trace.MigrationCompletionVMStop,
		trace.MigrateGlobalStatePreSave, trace.VmstateSave, trace.MigrationCleanup)
	if !slices.Equal(got, want) {
		t.Errorf("source told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	syncs := log.only(trace.MigrationBitmapSyncStart, trace.MigrationBitmapSyncEnd)
	if len(syncs) < 4 || len(syncs)%2 != 0 || syncs[len(syncs)-1] != "migration_bitmap_sync_end dirty_pages=0" {
		t.Errorf("syncs: %q", syncs)
	}

	dst, log := tracedMachine(t, Config{Incoming: true})
	if err := dst.MigrateIncoming(ctx, &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := dst.Migration().Wait(ctx); err != nil {
		t.Fatal(err)
	}
	want = []string{
		"migrate_set_state new_state=setup",
		"migrate_set_state new_state=active",
		"vmstate_load idstr=cpu vmsd_name=cpu",
		"vmstate_load idstr=serial vmsd_name=serial",
		"vmstate_load idstr=memtest-workload vmsd_name=memtest-workload",
		"vmstate_load idstr=globalstate vmsd_name=globalstate",
		"qemu_loadvm_state_post_main ret=0",
		"process_incoming_migration_co_end ret=0 ps=0",
		"migrate_global_state_post_load state=running",
		"migrate_set_state new_state=completed",
	}
	got = log.only(trace.MigrateSetState, trace.VmstateLoad, trace.LoadvmStatePostMain, trace.MigrateGlobalStatePostLoad,
		trace.ProcessIncomingMigrationEnd)
	if !slices.Equal(got, want) {
		t.Errorf("destination told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTraceCommands(t *testing.T) {
	m, _ := tracedMachine(t, Config{})
	ctx := context.Background()
	if err := m.TraceEventSetState(ctx, &qapi.TraceEventSetStateArgs{Name: "migrate_*", Enable: false}); err != nil {
		t.Fatal(err)
	}
	list, err := m.TraceEventGetState(ctx, &qapi.TraceEventGetStateArgs{Name: "migrate_set_*"})
	if err != nil || len(list) != 1 || list[0] != (qapi.TraceEventInfo{Name: "migrate_set_state", State: qapi.TraceEventStateDisabled}) {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = m.TraceEventGetState(ctx, &qapi.TraceEventGetStateArgs{Name: "runstate_set"}); err != nil ||
		list[0].State != qapi.TraceEventStateEnabled {
		t.Errorf("%+v, %v", list, err)
	}
	for _, err := range []error{
		func() error {
			_, err := m.TraceEventGetState(ctx, &qapi.TraceEventGetStateArgs{Name: "bogus"})
			return err
		}(),
		m.TraceEventSetState(ctx, &qapi.TraceEventSetStateArgs{Name: "bogus", Enable: true, IgnoreUnavailable: new(true)}),
	} {
		if err == nil || err.Error() != `unknown event "bogus"` {
			t.Error(err)
		}
	}
}
