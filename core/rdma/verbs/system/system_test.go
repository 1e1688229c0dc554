package system

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ebitengine/purego"
	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs/verbstest"
	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/softrdma"
)

// What is missing is said in one line.
func TestMissing(t *testing.T) {
	for _, c := range []struct{ cm, verbs, want string }{
		{"libnone.so.1", "libnone.so.1", "RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: libnone.so.1: "},
		{"libc.so.6", "libc.so.6", "RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: "},
	} {
		_, err := open(c.cm, c.verbs)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s: %v", c.cm, c.verbs, err)
		}
	}
	p := Provider{libraries: func() (*library, error) { return open("libnone.so.1", "libnone.so.1") }}
	want := "RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: libnone.so.1: "
	_, opened := p.Open(t.Context(), verbstest.Home(), verbstest.Few())
	_, listens := p.Listen(t.Context(), verbstest.Home())
	for _, err := range []error{p.Ready(), opened, listens} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
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
			t.Fatal(err)
		}
	}
	p := Provider{libraries: func() (*library, error) { return open(find(cmName), find(verbsName)) }}
	_, opened := p.Open(t.Context(), channels.InetAddress{Host: "127.0.0.1", Port: "1"}, verbstest.Few())
	_, listens := p.Listen(t.Context(), verbstest.Home())
	for _, c := range []struct {
		err  error
		want string
	}{{p.Ready(), noChannel}, {opened, noChannel}, {listens, noEventChannel}} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

// soft is the system's libraries over sockets.
func soft(t *testing.T) Provider {
	dir := softrdma.Folder(t)
	l, err := open(filepath.Join(dir, softrdma.CM), filepath.Join(dir, softrdma.Verbs))
	if err != nil {
		t.Fatal(err)
	}
	return Provider{libraries: func() (*library, error) { return l, nil }}
}

func TestProvider(t *testing.T) {
	p := soft(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	if err := p.Ready(); err != nil {
		t.Fatal(err)
	}
	verbstest.Run(t, p)
}
