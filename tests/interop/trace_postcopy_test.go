package interop

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// tale is what one thread tells of a migration.
type tale struct {
	thread string
	events []string
}

// postcopySource is what the source tells, a tale for each thread; what the VM is waiting for goes on a channel of its
// own with preempt.
func postcopySource(preempt bool) []tale {
	pages := tale{"who sends pages", []string{"ram_save_queue_pages", "get_queued_page|get_queued_page_not_dirty"}}
	if preempt {
		pages.events = []string{"postcopy_preempt_new_channel", "ram_save_queue_pages", "postcopy_preempt_send_host_page"}
	}
	return []tale{
		pages,
		{"the migration", []string{
			"migrate_set_state setup", "open_return_path_on_source", "savevm_state_header", "savevm_send_open_return_path",
			"savevm_send_ping 1", "qemu_savevm_send_postcopy_advise", "savevm_state_setup", "migrate_set_state active",
			"migration_thread_setup_complete", "postcopy_start", "migration_completion_vm_stop", "migrate_set_state device",
			"migration_bitmap_sync_start", "migration_bitmap_sync_end", "postcopy_discard_send_range",
			"qemu_savevm_send_postcopy_ram_discard", "postcopy_discard_send_finish", "ram_postcopy_send_discard_bitmap",
			"savevm_send_ping 2", "savevm_send_postcopy_listen", "savevm_send_ping 3", "savevm_send_postcopy_run",
			"qemu_savevm_send_packaged", "migrate_set_state postcopy-active", "migration_completion_postcopy_end",
			"migration_completion_postcopy_end_after_complete", "migration_return_path_end_before",
			"migration_return_path_end_after", "migration_thread_after_loop", "migration_cleanup"}},
		{"the migration's end", []string{"savevm_send_ping 4", "migration_return_path_end_after", "migrate_set_state completed"}},
		{"the return path", []string{
			"source_return_path_thread_entry", "source_return_path_thread_pong 1", "source_return_path_thread_pong 2",
			"migrate_handle_rp_req_pages", "ram_save_queue_pages", "source_return_path_thread_shut 0", "source_return_path_thread_end"}},
	}
}

// postcopyDestination is what the destination tells.
func postcopyDestination(preempt bool) []tale {
	tales := []tale{
		{"the stream", []string{
			"migrate_set_state setup", "migrate_set_state active", "loadvm_process_command OPEN_RETURN_PATH",
			"loadvm_process_command PING", "loadvm_process_command_ping 1", "migrate_send_rp_message 2",
			"loadvm_process_command POSTCOPY_ADVISE", "loadvm_postcopy_handle_advise",
			"loadvm_process_command POSTCOPY_RAM_DISCARD", "loadvm_postcopy_ram_handle_discard",
			"loadvm_postcopy_ram_handle_discard_header", "ram_discard_range", "loadvm_postcopy_ram_handle_discard_end",
			"loadvm_process_command_ping 2", "loadvm_process_command PACKAGED", "loadvm_handle_cmd_packaged",
			"loadvm_handle_cmd_packaged_received", "loadvm_process_command POSTCOPY_LISTEN", "loadvm_postcopy_handle_listen enter",
			"postcopy_ram_enable_notify", "migrate_set_state postcopy-active", "loadvm_postcopy_handle_listen return",
			"loadvm_process_command_ping 3", "loadvm_process_command POSTCOPY_RUN", "loadvm_postcopy_handle_run",
			"loadvm_handle_cmd_packaged_main", "process_incoming_migration_co_end",
			"process_incoming_migration_co_postcopy_end_main"}},
		{"what follows", []string{
			"postcopy_ram_listen_thread_start", "loadvm_process_command_ping 4",
			"postcopy_ram_listen_thread_exit", "migrate_set_state completed"}},
		{"a page that is waited for", []string{
			"postcopy_page_req_add", "migrate_send_rp_message 3|migrate_send_rp_message 4", "postcopy_page_req_del"}},
	}
	if preempt {
		tales = append(tales, tale{"the second channel", []string{
			"postcopy_preempt_new_channel", "postcopy_preempt_thread_entry", "postcopy_page_req_del", "postcopy_preempt_thread_exit"}})
	}
	return tales
}

// events writes the names of all events of tales down, as -trace reads them.
func events(t *testing.T, file string, tales []tale) {
	t.Helper()
	names := &bytes.Buffer{}
	for _, tale := range tales {
		for _, event := range tale.events {
			for one := range strings.SplitSeq(event, "|") {
				name, _, _ := strings.Cut(one, " ")
				names.WriteString(name + "\n")
			}
		}
	}
	emulator.Must(t, os.WriteFile(file, names.Bytes(), 0o600))
}

// details are the events of which tales tell more than the name: what stands before it in a QEMU's log, which has no
// keys, and by which key we tell it.
func details() map[string]struct{ before, key string } {
	return map[string]struct{ before, key string }{
		"migrate_set_state":              {"new state ", "new_state"},
		"savevm_send_ping":               {"0x", "val"},
		"source_return_path_thread_pong": {"0x", "val"},
		"source_return_path_thread_shut": {"0x", "val"},
		"loadvm_process_command":         {"com=", "s"},
		"loadvm_process_command_ping":    {"0x", "val"},
		"loadvm_postcopy_handle_listen":  {"", "str"},
		"migrate_send_rp_message":        {"", "msg_type"},
		"vmstate_save":                   {"", "idstr"},
		"vmstate_load":                   {"", "idstr"},
		"vmstate_downtime_checkpoint":    {"", "checkpoint"},
	}
}

// toldByQEMU is told of a QEMU's log.
func toldByQEMU(t *testing.T, file string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	emulator.Must(t, err)
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if d, ok := details()[name]; ok {
			rest, _, _ = strings.Cut(strings.TrimPrefix(rest, d.before), " len")
			name += " " + strings.TrimSuffix(rest, ":")
		}
		list = append(list, name)
	}
	return list
}

// A migration by postcopy is the same story at both ends, whether QEMUs tell it or we do.
func TestTraceOfPostcopyIsQEMUs(t *testing.T) {
	for _, capabilities := range [][]string{nil, {"postcopy-preempt"}} {
		source, destination := postcopySource(capabilities != nil), postcopyDestination(capabilities != nil)
		logs := t.TempDir()
		trace := func(name string, tales []tale) (log string, args []string) {
			log, list := filepath.Join(logs, name), filepath.Join(logs, name+".events")
			events(t, list, tales)
			return log, []string{"-trace", "events=" + list, "-D", log}
		}
		move := func(src, dst *emulator.Emulator) {
			p := postcopy{moment: moments()[0], channel: emulator.Unix(), capabilities: append([]string{"events"}, capabilities...)}
			p.slowly = 1 << 20
			p.begin(t, src, dst)
			asked(t, src, 2)
			arrived(t, src, dst)
			emulator.Must(t, src.WaitCleanedUp(t.Context()))
			for _, e := range []*emulator.Emulator{src, dst} {
				emulator.Must(t, e.WaitTold(t.Context())) // a status is there before it is traced
				emulator.Must(t, e.Stop())
			}
		}
		check := func(who string, got []string, tales []tale) {
			for _, tale := range tales {
				story(t, strings.Join(append(capabilities, who, tale.thread), ": "), got, tale.events...)
			}
		}
		srcLog, srcArgs := trace("source", source)
		dstLog, dstArgs := trace("destination", destination)
		qemu := emulator.NeedQEMU(t, "10.0")
		src := emulator.LaunchGuest(t, qemu, "source", "pc-i440fx-10.0", nil, srcArgs...)
		dst := emulator.LaunchGuest(t, qemu, "destination", "pc-i440fx-10.0", nil, append(dstArgs, "-incoming", "defer")...)
		emulator.Must(t, src.WaitBooted(t.Context()))
		move(src, dst)
		check("QEMU's source", toldByQEMU(t, srcLog), source)
		check("QEMU's destination", toldByQEMU(t, dstLog), destination)

		srcLog, srcArgs = trace("own source", source)
		dstLog, dstArgs = trace("own destination", destination)
		small := []string{"-m", "64"} // comes after the usual size, and counts
		move(stress(t, "source", "", append(srcArgs, small...)...),
			stress(t, "destination", "", append(append(dstArgs, small...), "-incoming", "defer")...))
		check("source", told(t, srcLog), source)
		check("destination", told(t, dstLog), destination)
	}
}
