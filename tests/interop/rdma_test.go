package interop

import (
	"fmt"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// reaching is a stress guest whose RDMA needs no hardware.
func reaching(t *testing.T, provider, name string, extra ...string) *emulator.Emulator {
	t.Helper()
	server, args := reachingServer(t, provider)
	args = append(args, "-machine", "memtest,workload=stress,fill=60,zero=20,working-set=96M", "-m", fmt.Sprint(reachingMemory>>20),
		"-smp", "2", "-nodefaults")
	return emulator.Launch(t, server, name, append(args, extra...)...)
}

const reachingMemory = 128 << 20

// Two servers, by RDMA over sockets and by what they take for the system's
// libraries, there and on: registered at the start or piece by piece, over IPv4 and IPv6.
func TestRDMAPair(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, provider, host, capability string }{
		{"pieces", "soft", "127.0.0.1", "return-path"},
		{"pinned", "soft", "[::1]", "rdma-pin-all"},
		{"libraries", "system", "[::1]", "return-path"},
		{"libraries pinned", "system", "127.0.0.1", "rdma-pin-all"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := reaching(t, tc.provider, "source")
			for _, name := range []string{"first", "second"} {
				dst := reaching(t, tc.provider, name, "-incoming", "defer")
				emulator.Must(t, src.SetParameters(t.Context(), fast))
				emulator.Must(t, src.SetCapabilities(t.Context(), tc.capability))
				move(t, emulator.RDMA(tc.host, 0), src, dst)
				var v verification
				emulator.Must(t, dst.Execute(t.Context(), "x-verify-memory", nil, &v))
				if v.Faulty != 0 || v.Pages != reachingMemory/4096 {
					t.Errorf("%s: of %d pages %d are faulty: %+v", dst.Name, v.Pages, v.Faulty, v.Faults)
				}
				running(t, dst)
				src = dst
			}
		})
	}
}

// What cannot go together, in QEMU's words where it has some, and what is missing.
func TestRDMARefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	src := reaching(t, "soft", "source")
	refused := func(want string) {
		t.Helper()
		if err := src.MigrateTo(ctx, "rdma:127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for capability, want := range map[string]string{
		"multifd":             "Migration requires multi-channel URIs (e.g. tcp)",
		"mapped-ram":          "Migration requires seekable transport (e.g. file)",
		"background-snapshot": "background-snapshot over transport 'rdma' is not supported yet by this build",
	} {
		emulator.Must(t, src.SetCapabilities(ctx, capability))
		refused(want)
		emulator.Must(t, src.Execute(ctx, "migrate-set-capabilities", map[string]any{
			"capabilities": []any{map[string]any{"capability": capability, "state": false}}}, nil))
	}
	dst := reaching(t, "soft", "destination", "-incoming", "defer")
	emulator.Must(t, dst.SetCapabilities(ctx, "xbzrle"))
	if err := dst.Incoming(ctx, "rdma:127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), "RDMA and XBZRLE can't be used together") {
		t.Error(err)
	}
	// Nobody listens there.
	emulator.Must(t, src.MigrateTo(ctx, "rdma:127.0.0.1:1"))
	m, err := src.WaitMigration(ctx, "failed")
	emulator.Must(t, err)
	if want := "Failed to connect to '127.0.0.1:1': Connection refused"; m.ErrorDesc != want {
		t.Errorf("got %q, want %q", m.ErrorDesc, want)
	}
	running(t, src)
}
