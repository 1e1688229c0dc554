package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// told is what our trace tells, in its order: the names of events, with their details.
func told(t *testing.T, file string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	emulator.Must(t, err)
	for line := range bytes.Lines(text) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		at, _ := fields["time"].(string)
		if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		name, _ := fields["event"].(string)
		if value, ok := fields[details()[name].key]; ok {
			name += fmt.Sprint(" ", value)
		}
		list = append(list, name)
	}
	return list
}

// story looks for events in the order in which they must be among others; of those with a bar between any will do.
func story(t *testing.T, who string, got []string, want ...string) {
	t.Helper()
	for _, event := range got {
		if len(want) > 0 && slices.Contains(strings.Split(want[0], "|"), event) {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		t.Errorf("%s does not tell %s and what follows:\n%s", who, want[0], strings.Join(slices.Compact(got), "\n"))
	}
}

// The whole trace of a migration on lanes, from the command line on, tells what happens at both ends.
func TestTraceIsAStory(t *testing.T) {
	t.Parallel()
	p := emulator.NeedServer(t)
	logs := t.TempDir()
	start := func(name string, args ...string) *emulator.Emulator {
		log := filepath.Join(logs, name)
		e := emulator.Launch(t, p, name, append(args, "-machine", "memtest,workload=idle", "-m", "32", "-nodefaults",
			"-trace", "enable=*,file="+log, "-trace", "-*savevm_state_section*")...)
		emulator.Must(t, e.SetCapabilities(t.Context(), "events", "return-path", "multifd"))
		return e
	}
	src, dst := start("source"), start("destination", "-incoming", "defer")
	emulator.Must(t, emulator.Unix().Migrate(t.Context(), src, dst))
	for _, e := range []*emulator.Emulator{src, dst} {
		_, err := e.WaitMigration(t.Context(), "completed")
		emulator.Must(t, err)
		emulator.Must(t, e.WaitTold(t.Context()))
	}
	off := map[string]any{"name": "*", "enable": false}
	for _, e := range []*emulator.Emulator{src, dst} {
		emulator.Must(t, e.Monitor.Execute(t.Context(), "trace-event-set-state", off, nil))
	}
	// One story for each thread: how they interleave is theirs.
	source := told(t, filepath.Join(logs, "source"))
	story(t, "the source", source, "migrate_set_state setup", "open_return_path_on_source",
		"savevm_state_header", "savevm_send_open_return_path", "savevm_send_ping 1", "migrate_set_state active",
		"migration_bitmap_sync_start", "migration_bitmap_sync_end", "migration_thread_low_pending",
		"vmstate_downtime_checkpoint src-downtime-start", "migration_completion_vm_stop", "migrate_set_state device",
		"multifd_send_sync_main", "vmstate_save globalstate", "migration_return_path_end_before",
		"migration_return_path_end_after", "migration_cleanup", "migrate_set_state completed")
	story(t, "the return path", source, "source_return_path_thread_entry", "source_return_path_thread_pong 1",
		"source_return_path_thread_shut 0", "source_return_path_thread_end")
	story(t, "a lane", source, "multifd_send_thread_start", "multifd_send_fill", "multifd_send_thread_end")
	story(t, "the destination", told(t, filepath.Join(logs, "destination")),
		"migrate_set_state setup", "multifd_recv_new_channel", "migration_set_incoming_channel", "migrate_set_state active",
		"loadvm_state_setup", "loadvm_process_command OPEN_RETURN_PATH", "loadvm_process_command_ping 1",
		"migrate_send_rp_message 2", "multifd_recv_sync_main", "vmstate_load globalstate",
		"process_incoming_migration_co_end", "migrate_set_state completed", "migrate_send_rp_message 1")
}
