package images

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// While we have an image qemu-img does not get it, but when we leave it to others.
func TestLocks(t *testing.T) {
	forEach(t, []string{"zstd", "lazy"}, func(d *disk) {
		program := filepath.Join(filepath.Dir(emulator.NeedQEMU(t, d.k.version).Path), "qemu-img")
		look := func() (string, error) {
			out, err := exec.CommandContext(t.Context(), program, "info", d.path).CombinedOutput()
			return string(out), err
		}
		d.ours()
		if out, err := look(); err == nil || !strings.Contains(out, `Failed to get shared "write" lock`) {
			t.Errorf("beside us: %v\n%s", err, out)
		}
		if err := d.graph.Inactivate(); err != nil {
			t.Fatal(err)
		}
		if out, err := look(); err != nil {
			t.Errorf("while we are inactive: %v\n%s", err, out)
		}
		d.img("snapshot", "-c", "meanwhile", d.path)
		if err := d.graph.Activate(); err != nil {
			t.Fatal(err)
		}
		d.scribble(3)
		d.theirs()
		d.same()
		if list := d.img("snapshot", "-l", d.path); !strings.Contains(list, "meanwhile") {
			t.Errorf("lost what others did:\n%s", list)
		}
	})
}
