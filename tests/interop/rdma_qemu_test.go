package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// softRDMA is a QEMU whose RDMA libraries are testdata/softrdma.c: they speak over sockets, so that it needs no
// hardware. All the rest of what it does by RDMA is its own.
func softRDMA(t *testing.T, version string) emulator.Program {
	t.Helper()
	qemu := emulator.NeedQEMU(t, version)
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler to make QEMU's RDMA libraries with")
	}
	lib := filepath.Join(t.TempDir(), "softrdma.so")
	if out, err := exec.Command(cc, "-O1", "-shared", "-fPIC", "-pthread", "-o", lib, "testdata/softrdma.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return emulator.Program{Name: qemu.Name, Path: "/usr/bin/env", Args: []string{"LD_PRELOAD=" + lib, qemu.Path}, QEMU: true}
}

// A guest out of a QEMU by RDMA, and on into another one, where it goes on with the same memory.
func TestRDMAJourney(t *testing.T) {
	t.Parallel()
	const machine = "pc-i440fx-7.2"
	for i, tc := range []struct{ version, capabilities string }{
		{"10.0", ""},
		{"10.0", "rdma-pin-all return-path"},
		{"7.2", "rdma-pin-all"}, // by RDMA its return path breaks between two of its own, too
	} {
		t.Run(tc.version+" "+tc.capabilities, func(t *testing.T) {
			ctx := t.Context()
			qemu := softRDMA(t, tc.version)
			on := func(e *emulator.Emulator) {
				if tc.capabilities != "" {
					emulator.Must(t, e.SetCapabilities(ctx, strings.Fields(tc.capabilities)...))
				}
				emulator.Must(t, e.SetParameters(ctx, fast))
			}
			src := emulator.LaunchGuest(t, qemu, "source", machine, nil)
			on(src)
			emulator.Must(t, src.WaitBooted(ctx))
			middle := emulator.Launch(t, emulator.NeedServer(t), "middle", "-machine", "adopt", "-nodefaults",
				"-global", "migration.x-rdma-provider=soft", "-incoming", "defer")
			move(t, emulator.RDMA("127.0.0.1", 0), src, middle)
			dst := emulator.LaunchGuest(t, qemu, "destination", machine, nil, "-S", "-incoming", "defer")
			on(middle)
			on(dst)
			// A QEMU cannot tell which port it picked: an address that is this process's own has the same one free.
			pid := os.Getpid()
			host := fmt.Sprintf("127.%d.%d.%d", 100+pid/200%100, 1+pid%200, 1+i)
			move(t, emulator.RDMA(host, 44461), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}
