package interop

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// bootDisk makes a qcow2 of the test guest's disk, and gives what makes a QEMU of it
// and what else there is of its machine.
func bootDisk(t *testing.T, version, machine string) (path string, guest []string) {
	t.Helper()
	dir := t.TempDir()
	args, err := emulator.GuestArgs(dir, machine)
	emulator.Must(t, err)
	path = filepath.Join(dir, "boot.qcow2")
	emulator.Img(t, version, "convert", "-O", "qcow2", filepath.Join(dir, "boot.img"), path)
	for i, a := range args {
		if strings.HasPrefix(a, "file=") {
			args[i] = "file=" + path + ",format=qcow2,if=ide,node-name=state"
		}
	}
	return path, args
}

func human(t *testing.T, e *emulator.Emulator, line string) string {
	t.Helper()
	var text string
	emulator.Must(t, e.Execute(t.Context(), "human-monitor-command", map[string]any{"command-line": line}, &text))
	return text
}

// job runs a snapshot job to its end.
func job(t *testing.T, e *emulator.Emulator, command string, args map[string]any) {
	t.Helper()
	id := fmt.Sprint("job", len(e.Monitor.Events()))
	args["job-id"], args["devices"] = id, []string{"state"}
	if command != "snapshot-delete" {
		args["vmstate"] = "state"
	}
	emulator.Must(t, e.Execute(t.Context(), command, args, nil))
	_, err := e.Monitor.WaitEvent(t.Context(), 0, "JOB_STATUS_CHANGE", func(ev emulator.Event) bool {
		return strings.Contains(string(ev.Data), `"concluded"`) && strings.Contains(string(ev.Data), `"`+id+`"`)
	})
	emulator.Must(t, err)
	var jobs []struct{ ID, Error string }
	emulator.Must(t, e.Execute(t.Context(), "query-jobs", nil, &jobs))
	for _, j := range jobs {
		if j.Error != "" {
			t.Fatalf("%s: %s: %s", e.Name, command, j.Error)
		}
	}
	emulator.Must(t, e.Execute(t.Context(), "job-dismiss", map[string]any{"id": id}, nil))
}

// checked holds an image against what qemu-img of a version thinks of it.
func checked(t *testing.T, version, path, tag string) {
	t.Helper()
	if out := emulator.Img(t, version, "check", path); !strings.Contains(out, "No errors were found") {
		t.Errorf("qemu-img %s check: %s", version, out)
	}
	if out := emulator.Img(t, version, "snapshot", "-l", path); !strings.Contains(out, " "+tag+" ") {
		t.Errorf("qemu-img %s snapshot -l: %s", version, out)
	}
}

// A guest's snapshot that its QEMU made is adopted, parked in a snapshot of our own,
// and goes on from there in a QEMU.
func TestSnapshotsThroughAdopt(t *testing.T) {
	for _, v := range []struct{ from, to, machine string }{
		{"7.2", "10.0", "pc-i440fx-7.2"}, {"10.0", "7.2", "pc-q35-7.2"}, {"10.0", "10.0", "pc-i440fx-10.0"},
	} {
		t.Run(fmt.Sprint(v), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			path, guest := bootDisk(t, v.from, v.machine)
			src := emulator.Launch(t, emulator.NeedQEMU(t, v.from), "source", guest...)
			emulator.Must(t, src.WaitBooted(ctx))
			emulator.Must(t, src.Execute(ctx, "stop", nil, nil))
			job(t, src, "snapshot-save", map[string]any{"tag": "theirs"})
			memory, err := src.ReadMemory(ctx, 0, emulator.GuestMemory)
			emulator.Must(t, err)
			emulator.Must(t, src.Stop())

			parked := emulator.Launch(t, emulator.NeedServer(t), "parked", "-machine", "adopt", "-nodefaults",
				"-drive", "file="+path+",format=qcow2,if=none,id=d0,node-name=state", "-loadvm", "theirs")
			job(t, parked, "snapshot-save", map[string]any{"tag": "ours"})
			table := human(t, parked, "info snapshots")
			if !strings.Contains(table, "ours") || !strings.Contains(table, "theirs") {
				t.Errorf("info snapshots: %s", table)
			}
			// It moves on from here, too.
			_, elsewhere := bootDisk(t, v.to, v.machine)
			dst := emulator.Launch(t, emulator.NeedQEMU(t, v.to), "destination", append(elsewhere, "-S", "-incoming", "defer")...)
			move(t, emulator.Unix(), parked, dst)
			emulator.Must(t, parked.Stop())
			checked(t, "10.0", path, "ours")
			checked(t, "7.2", path, "ours")

			back := emulator.Launch(t, emulator.NeedQEMU(t, v.to), "back", append(guest, "-S", "-loadvm", "ours")...)
			for _, e := range []*emulator.Emulator{back, dst} {
				got, err := e.ReadMemory(ctx, 0, emulator.GuestMemory)
				emulator.Must(t, err)
				if string(got) != string(memory) {
					t.Errorf("%s: other memory than at the source", e.Name)
				}
			}
			goesOn(t, back)
			goesOn(t, dst)
			human(t, back, "delvm theirs")
			if table := human(t, back, "info snapshots"); strings.Contains(table, "theirs") || !strings.Contains(table, "ours") {
				t.Errorf("after delvm: %s", table)
			}
		})
	}
}
