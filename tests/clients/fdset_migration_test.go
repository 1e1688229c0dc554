package clients

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestMigrateThroughSets moves a machine through a file that only others have opened: for the source by -add-fd, for
// the destination by add-fd. A real QEMU goes the same way first.
func TestMigrateThroughSets(t *testing.T) {
	for _, p := range []struct {
		program emulator.Program
		machine []string
	}{
		{emulator.NeedQEMU(t, "10.0"), []string{"-accel", "tcg", "-machine", "pc-i440fx-10.0", "-m", "16", "-nodefaults"}},
		{emulator.NeedServer(t), []string{"-machine", "memtest", "-m", "16", "-nodefaults"}},
	} {
		t.Run(p.program.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stream")
			emulator.Must(t, os.WriteFile(path, nil, 0o600))
			inheriting := p.program
			inheriting.Path = "/bin/sh"
			inheriting.Args = append([]string{"-c", `exec 7>"` + path + `" && exec "$0" "$@"`, p.program.Path}, p.program.Args...)
			src := emulator.Launch(t, inheriting, "source", append(p.machine, "-S", "-add-fd", "fd=7,set=1,opaque=stream")...)
			dst := emulator.Launch(t, p.program, "destination", append(p.machine, "-S", "-incoming", "defer")...)
			ctx := t.Context()

			if got := sets(t, src); len(got) != 1 || got[0].ID != 1 || len(got[0].FDs) != 1 || got[0].FDs[0].Opaque != "stream" {
				t.Errorf("sets of the source are %+v", got)
			}
			const uri = "file:/dev/fdset/1,offset=4096"
			emulator.Must(t, src.MigrateTo(ctx, uri))
			_, err := src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			if p.program.QEMU { // it closes the file behind that
				emulator.Must(t, src.WaitCleanedUp(ctx))
			}
			emulator.Must(t, src.Execute(ctx, "remove-fd", map[string]any{"fdset-id": 1}, nil))
			if got := sets(t, src); len(got) != 0 {
				t.Errorf("sets of the source are %+v afterwards", got)
			}

			stream, err := os.Open(path)
			emulator.Must(t, err)
			defer stream.Close()
			emulator.Must(t, dst.Monitor.ExecuteWithFile(ctx, "add-fd", map[string]any{"fdset-id": 1}, nil, stream))
			emulator.Must(t, dst.Incoming(ctx, uri))
			_, err = dst.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
		})
	}
}

// TestWrongSets has paths that lead nowhere; the descriptor of set 0 was opened for reading and writing.
func TestWrongSets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stream")
	both, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	emulator.Must(t, err)
	defer both.Close()
	for _, p := range []struct {
		program emulator.Program
		machine []string
	}{
		{emulator.NeedQEMU(t, "10.0"), []string{"-accel", "tcg", "-machine", "pc-i440fx-10.0", "-m", "16", "-nodefaults"}},
		{emulator.NeedServer(t), []string{"-machine", "memtest", "-m", "16", "-nodefaults"}},
	} {
		src := emulator.Launch(t, p.program, "source", append(p.machine, "-S")...)
		emulator.Must(t, src.Monitor.ExecuteWithFile(t.Context(), "add-fd", nil, nil, both))
		for path, want := range map[string]string{
			"99":          "Failed to find fdset /dev/fdset/99",
			"x":           "Could not parse fdset /dev/fdset/x",
			"-1":          "Could not parse fdset /dev/fdset/-1",
			"":            "Could not parse fdset /dev/fdset/",
			"99999999999": "Could not parse fdset /dev/fdset/99999999999",
			"0":           "Failed to find file descriptor with matching flags=0x41",
		} {
			err := src.MigrateTo(t.Context(), "file:/dev/fdset/"+path)
			var got string
			if refused := new(emulator.CommandError); errors.As(err, &refused) {
				got = refused.Desc
			} else {
				emulator.Must(t, err)
				m, err := src.WaitMigration(t.Context(), "failed")
				emulator.Must(t, err)
				got = m.ErrorDesc
			}
			if got != want {
				t.Errorf("%s: set %q: %q, want %q", p.program, path, got, want)
			}
		}
	}
}

type fdset struct {
	ID  int `json:"fdset-id"`
	FDs []struct {
		FD     int
		Opaque string
	}
}

func sets(t *testing.T, e *emulator.Emulator) (list []fdset) {
	t.Helper()
	var raw json.RawMessage
	emulator.Must(t, e.Execute(t.Context(), "query-fdsets", nil, &raw))
	emulator.Must(t, json.Unmarshal(raw, &list))
	return list
}
