package system

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ebitengine/purego"

	"qmpmigrate/tests/emulator"
)

// What is missing is said in one line.
func TestMissing(t *testing.T) {
	for _, c := range []struct{ cm, verbs, want string }{
		{"libnone.so.1", "libnone.so.1", "RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: libnone.so.1: "},
		{"libnone.so.1", "libc.so.6", "RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: libnone.so.1: "},
		{"libc.so.6", "libc.so.6", "RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: "},
	} {
		_, err := open(c.cm, c.verbs)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s: %v", c.cm, c.verbs, err)
		}
	}
	// Whatever this machine has, it is not connected by it, and says why.
	p := Provider{}
	if err := p.Ready(); err == nil {
		t.Error("ready")
	}
}

// The real libraries, as a QEMU brings them, on a machine without a device: QEMU's words.
func TestNoDevice(t *testing.T) {
	if found, _ := filepath.Glob("/dev/infiniband/rdma_cm"); len(found) > 0 {
		t.Skip("this machine has RDMA")
	}
	root := filepath.Dir(emulator.NeedQEMU(t, "10.0").Path)
	find := func(name string) string {
		for _, lib := range []string{"usr/lib", "lib"} {
			if found, _ := filepath.Glob(filepath.Join(root, lib, "x86_64-linux-gnu", name)); len(found) > 0 {
				return found[0]
			}
		}
		return name // the system's
	}
	// What they need is found by its name once it is there.
	for _, name := range []string{"libnl-3.so.200", "libnl-route-3.so.200"} {
		if _, err := purego.Dlopen(find(name), purego.RTLD_NOW|purego.RTLD_GLOBAL); err != nil {
			t.Skip(err)
		}
	}
	l, err := open(find(cmName), find(verbsName))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{noChannel, noEventChannel} {
		if err := l.ready(want); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
