package emulator

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Img runs the qemu-img of a version, "7.2" or "10.0", and returns what it printed.
func Img(t testing.TB, version string, args ...string) string {
	t.Helper()
	p := NeedQEMU(t, version)
	out, err := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(p.Path), "qemu-img"), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("qemu-img %q: %v\n%s", args, err, out)
	}
	return string(out)
}
