package interop

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/digitalocean/go-qemu/qmp"

	"qmpmigrate/tests/emulator"
)

// A management library that knows nothing of qmpmigrate drives it as it drives QEMU: commands, errors and
// events.
func TestGoQEMU(t *testing.T) {
	for _, tc := range []struct {
		program emulator.Program
		machine []string
	}{
		{emulator.NeedQEMU(t, "10.0"), []string{"-accel", "tcg", "-machine", "pc-i440fx-10.0", "-m", "16", "-nodefaults"}},
		{emulator.NeedServer(t), []string{"-machine", "memtest", "-m", "16", "-nodefaults"}},
	} {
		t.Run(tc.program.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "qmp")
			emulator.Launch(t, tc.program, "server", append(tc.machine, "-qmp", "unix:"+path+",server=on,wait=off")...)
			monitor, err := qmp.NewSocketMonitor("unix", path, 10*time.Second)
			emulator.Must(t, err)
			emulator.Must(t, monitor.Connect())
			events, err := monitor.Events(t.Context())
			emulator.Must(t, err)

			reply, err := monitor.Run([]byte(`{"execute":"query-status"}`))
			emulator.Must(t, err)
			var status struct {
				Return struct {
					Running bool
					Status  string
				}
			}
			emulator.Must(t, json.Unmarshal(reply, &status))
			if !status.Return.Running || status.Return.Status != "running" {
				t.Errorf("query-status returned %s", reply)
			}
			if _, err := monitor.Run([]byte(`{"execute":"no-such-command"}`)); err == nil ||
				err.Error() != "The command no-such-command has not been found" {
				t.Errorf("error of an unknown command is %v", err)
			}
			go func() { _, _ = monitor.Run([]byte(`{"execute":"stop"}`)) }() // its event comes before its reply
			select {
			case event := <-events:
				if event.Event != "STOP" || event.Timestamp.Seconds == 0 {
					t.Errorf("event is %+v", event)
				}
			case <-time.After(time.Minute):
				t.Error("no event")
			}
			go func() { // the library's reader can not end while nobody takes its events
				for range events {
				}
			}()
			emulator.Must(t, monitor.Disconnect())
		})
	}
}
