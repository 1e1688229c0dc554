package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// python makes a command that runs Python with QEMU's own client.
func python(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	qemu := emulator.NeedQEMU(t, "10.0")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "python3", args...)
	library := filepath.Join(filepath.Dir(filepath.Dir(qemu.Path)), "python")
	if _, err := os.Stat(filepath.Join(library, "qemu", "qmp", "qmp_shell.py")); err != nil {
		t.Fatalf("no QMP client of QEMU: %v (run tests/qemu/install.sh)", err)
	}
	cmd.Env = append(os.Environ(), "PYTHONPATH="+library, "PYTHONDONTWRITEBYTECODE=1", "TERM=dumb", "HOME="+t.TempDir())
	return cmd
}

// running starts a real QEMU or the server with a guest that runs, and one more monitor, at the path.
func running(t *testing.T, p emulator.Program) (e *emulator.Emulator, path string) {
	t.Helper()
	machine := []string{"-machine", "memtest,workload=idle", "-m", "16", "-nodefaults"}
	if p.QEMU {
		machine = []string{"-accel", "tcg", "-machine", "pc-i440fx-10.0", "-m", "16", "-nodefaults"}
	}
	path = filepath.Join(t.TempDir(), "qmp")
	return emulator.Launch(t, p, "server", append(machine, "-qmp", "unix:"+path+",server=on,wait=off")...), path
}

// TestPythonClient has qemu.qmp use commands, errors, out-of-band execution and events.
func TestPythonClient(t *testing.T) {
	for _, p := range []emulator.Program{emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)} {
		t.Run(p.Name, func(t *testing.T) {
			_, path := running(t, p)
			out, err := python(t, "testdata/client.py", path).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "done") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
