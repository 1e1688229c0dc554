package libvirt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/interop/libvirt/daemons"
)

// nobody is who follows the recipe.
const nobody = 65534

// What docs/libvirt.md tells its readers to do works as it stands there, without root.
func TestRecipe(t *testing.T) {
	text, err := os.ReadFile("../../../docs/libvirt.md")
	emulator.Must(t, err)
	binary := os.Getenv("QMPMIGRATE_BINARY")
	pair := daemons.NeedPair(t, "9.0", filepath.Dir(binary))
	dir, err := os.MkdirTemp(pair.Shared, "recipe")
	emulator.Must(t, err)
	emulator.Must(t, os.WriteFile(filepath.Join(dir, "guest.xml"), []byte(block(t, string(text), "<domain ")), 0o644))
	emulator.Must(t, pair.A.Command(t.Context(), "/bin/cp", binary, "/tmp/qmpmigrate").Run())
	emulator.Must(t, os.Chown(dir, nobody, nobody))

	cmd := pair.A.Command(t.Context(), "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
		"/bin/sh", "-exc", "cd "+dir+"\n"+block(t, string(text), "for h in a b"))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"faulty-pages":0`) || strings.Contains(string(out), `"pages":0`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// block is the indented block of a text that begins like this.
func block(t *testing.T, text, begin string) string {
	t.Helper()
	const indent = "    "
	_, rest, found := strings.Cut(text, "\n\n"+indent+begin)
	if !found {
		t.Fatalf("no block that begins with %q", begin)
	}
	var lines []string
	for line := range strings.Lines(indent + begin + rest) {
		line, found := strings.CutPrefix(line, indent)
		if !found {
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}
