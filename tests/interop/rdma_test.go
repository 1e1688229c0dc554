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
	return reachingGuest(t, provider, name, reachingMemory, ",fill=60,zero=20,working-set=96M", extra...)
}

const reachingMemory = 128 << 20

func reachingGuest(t *testing.T, provider, name string, memory int64, options string, extra ...string) *emulator.Emulator {
	t.Helper()
	server, args := reachingServer(t, provider)
	args = append(args, "-machine", "memtest,workload=stress"+options, "-m", fmt.Sprint(memory>>20), "-smp", "2", "-nodefaults")
	return emulator.Launch(t, server, name, append(args, extra...)...)
}

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
				provenAll(t, dst, reachingMemory)
				running(t, dst)
				src = dst
			}
		})
	}
}

// A gibibyte that is written while it moves, registered at the start or piece by piece. Each page that is written
// goes alone: the guest writes no more of them than a busy machine can follow.
func TestRDMALarge(t *testing.T) {
	const memory = 1 << 30
	for _, capability := range []string{"rdma-pin-all", "return-path"} {
		t.Run(capability, func(t *testing.T) {
			src := reachingGuest(t, "soft", "source", memory, ",rate=4M")
			dst := reachingGuest(t, "soft", "destination", memory, ",rate=4M", "-incoming", "defer")
			emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-bandwidth": int64(10e9), "downtime-limit": 500}))
			emulator.Must(t, src.SetCapabilities(t.Context(), capability))
			move(t, emulator.RDMA("127.0.0.1", 0), src, dst)
			m, err := src.QueryMigrate(t.Context())
			emulator.Must(t, err)
			if m.RAM.Normal+m.RAM.Duplicate <= memory/4096 {
				t.Errorf("%d pages: none was written meanwhile", m.RAM.Normal+m.RAM.Duplicate)
			}
			t.Logf("%.1f Gbit/s", m.RAM.Mbps/1000)
			running(t, dst)
			provenAll(t, dst, memory)
		})
	}
}

// What cannot go together is refused at both ends, in QEMU's words where it has
// some, and so is what is missing.
func TestRDMARefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	src, dst := reaching(t, "soft", "source"), reaching(t, "soft", "destination", "-incoming", "defer")
	refused := func(e *emulator.Emulator, what, want string) {
		t.Helper()
		try := e.MigrateTo
		if e == dst {
			try = e.Incoming
		}
		err := try(ctx, "rdma:127.0.0.1:1")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s with %s: got %v, want %s", e.Name, what, err, want)
		}
	}
	for _, e := range []*emulator.Emulator{src, dst} {
		for on, want := range map[string]string{
			"multifd":                       "Migration requires multi-channel URIs (e.g. tcp)",
			"postcopy-ram postcopy-preempt": "Migration requires multi-channel URIs (e.g. tcp)",
			"mapped-ram":                    "Migration requires seekable transport (e.g. file)",
			"background-snapshot":           "background-snapshot over transport 'rdma' is not supported yet by this build",
			"x-colo":                        "x-colo over transport 'rdma' is not supported yet by this build",
		} {
			emulator.Must(t, e.SetCapabilities(ctx, strings.Fields(on)...))
			refused(e, on, want)
			emulator.Must(t, e.ClearCapabilities(ctx, strings.Fields(on)...))
		}
		emulator.Must(t, e.SetParameters(ctx, map[string]any{"tls-creds": "tls0"}))
		refused(e, "tls-creds", "RDMA and TLS can't be used together")
		emulator.Must(t, e.SetParameters(ctx, map[string]any{"tls-creds": ""}))
	}
	emulator.Must(t, dst.SetCapabilities(ctx, "xbzrle"))
	refused(dst, "xbzrle", "RDMA and XBZRLE can't be used together")
	// Nobody listens there.
	emulator.Must(t, src.MigrateTo(ctx, "rdma:127.0.0.1:1"))
	failed(t, src, "Failed to connect to '127.0.0.1:1': Connection refused")
}

// A QEMU 7.2 without postcopy-ram takes note of the second connection and says nothing: the source gives up.
func TestRDMANoWayBack(t *testing.T) {
	t.Parallel()
	src := reaching(t, "soft", "source")
	dst := emulator.LaunchGuest(t, softRDMA(t, "7.2"), "destination", "pc-i440fx-7.2", nil, "-incoming", "defer")
	emulator.Must(t, src.SetCapabilities(t.Context(), "return-path"))
	emulator.Must(t, emulator.RDMA(ownHost(20), 44461).Migrate(t.Context(), src, dst))
	failed(t, src, "RDMA ERROR: poll cm event timeout: the destination takes no return path")
	dst.Kill() // if it has not ended by itself
}

// failed waits until a migration has failed, and sees that the VM runs on at its source.
func failed(t *testing.T, src *emulator.Emulator, want string) {
	t.Helper()
	m, err := src.WaitMigration(t.Context(), "failed")
	emulator.Must(t, err)
	if m.ErrorDesc != want {
		t.Errorf("got %q, want %q", m.ErrorDesc, want)
	}
	running(t, src)
}
