package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/softrdma"
)

// softRDMA is a QEMU whose RDMA libraries are those of tests/softrdma: they speak over sockets, so that it needs no
// hardware. All the rest of what it does by RDMA is its own.
func softRDMA(t *testing.T, version string) emulator.Program {
	t.Helper()
	qemu := emulator.NeedQEMU(t, version)
	lib := filepath.Join(softrdma.Folder(t), softrdma.CM)
	return emulator.Program{Name: qemu.Name, Path: "/usr/bin/env", Args: []string{"LD_PRELOAD=" + lib, qemu.Path}, QEMU: true}
}

// reachingServer is a server, and the option that makes its RDMA need no hardware: with the provider "soft" it speaks
// over sockets, with "system" libraries do that which it takes for the system's.
func reachingServer(t *testing.T, provider string) (emulator.Program, []string) {
	t.Helper()
	server := emulator.NeedServer(t)
	if provider == "system" {
		server.Path, server.Args = "/usr/bin/env", []string{"LD_LIBRARY_PATH=" + softrdma.Folder(t), server.Path}
	}
	return server, []string{"-global", "migration.x-rdma-provider=" + provider}
}

// A guest out of a QEMU by RDMA, and on into another one, where it goes on with the same memory.
func TestRDMAJourney(t *testing.T) {
	t.Parallel()
	const machine = "pc-i440fx-7.2"
	for i, tc := range []struct{ version, provider, capabilities string }{
		{"10.0", "soft", ""},
		{"10.0", "system", "rdma-pin-all return-path"},
		{"7.2", "system", "rdma-pin-all"}, // with return-path alone it makes no second connection, and fails
	} {
		t.Run(strings.Join([]string{tc.version, tc.provider, tc.capabilities}, " "), func(t *testing.T) {
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
			server, args := reachingServer(t, tc.provider)
			middle := emulator.Launch(t, server, "middle", append(args, "-machine", "adopt", "-nodefaults", "-incoming", "defer")...)
			move(t, emulator.RDMA("127.0.0.1", 0), src, middle)
			dst := emulator.LaunchGuest(t, qemu, "destination", machine, nil, "-S", "-incoming", "defer")
			on(middle)
			on(dst)
			move(t, emulator.RDMA(ownHost(i), 44461), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}

// ownHost is an address that is this process's own, and has the same ports free: a QEMU cannot tell which one it picked.
func ownHost(i int) string {
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 100+pid/200%100, 1+pid%200, 1+i)
}
