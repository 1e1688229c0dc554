// Package softrdma makes librdmacm and libibverbs that speak over sockets: what
// calls the real ones can migrate by RDMA with them on a machine without a device.
package softrdma

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:embed testdata/softrdma.c
var source []byte

// The names of the libraries in the folder.
const (
	CM    = "librdmacm.so.1"
	Verbs = "libibverbs.so.1"
)

// Folder is one with both libraries, which are one file. Without a C compiler the test fails.
func Folder(t testing.TB) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Fatal("no C compiler to make RDMA libraries with (apt-get install gcc)")
	}
	dir := t.TempDir()
	file, cm := filepath.Join(dir, "softrdma.c"), filepath.Join(dir, CM)
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cc, "-O1", "-shared", "-fPIC", "-pthread", "-o", cm, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Symlink(CM, filepath.Join(dir, Verbs)); err != nil {
		t.Fatal(err)
	}
	return dir
}
