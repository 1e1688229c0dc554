package interop

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/core"
	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/emulator"
)

// A rewritten is a machine that was adopted from a QEMU, in this process, whose memory is written as if it ran: so
// a source of ours has many passes on its way into a real QEMU. It is written where its guest, which goes on
// later, has nothing.
type rewritten struct {
	*core.Machine
	ram  *memory.Block
	stop context.CancelFunc
	done chan struct{}
}

// Where it is written, in pages of guest-physical memory: behind the guest's, and before the firmware's.
const (
	rewrittenFirst = emulator.GuestEnd>>12 + 256
	rewrittenEnd   = rewrittenFirst + 16<<8
)

// rewrite adopts the machine of src, which is started for it, and begins to write.
func rewrite(t *testing.T, version, machine string) *rewritten {
	t.Helper()
	ctx := t.Context()
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, version), "source", machine, nil)
	emulator.Must(t, src.WaitBooted(ctx))
	emulator.Must(t, src.SetParameters(ctx, fast))
	r := &rewritten{Machine: core.NewRelay(core.Config{Incoming: true}, adopt.New()), done: make(chan struct{})}
	t.Cleanup(func() { r.Close() })
	uri := "unix:" + filepath.Join(src.Dir, "relay")
	emulator.Must(t, r.MigrateIncoming(ctx, &qapi.MigrateIncomingArgs{URI: &uri}))
	emulator.Must(t, src.MigrateTo(ctx, uri))
	_, err := src.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	emulator.Must(t, r.Migration().Wait(ctx))
	for _, b := range r.Guest().Blocks() {
		if b.Name() == "pc.ram" {
			r.ram = b
		}
	}
	ctx, r.stop = context.WithCancel(ctx)
	go r.write(ctx)
	t.Cleanup(r.still)
	return r
}

// write does what guests do: small changes mostly, new pages, zeros, and what was there before.
func (r *rewritten) write(ctx context.Context) {
	defer close(r.done)
	rng := rand.New(rand.NewPCG(3, 4))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		for range 128 {
			n := rewrittenFirst + rng.Uint64N(rewrittenEnd-rewrittenFirst)
			page := r.ram.Page(n)
			switch rng.IntN(16) {
			case 0:
				clear(page)
			case 1:
				for i := range page {
					page[i] = byte(rng.Uint32())
				}
			case 2:
			default:
				for range 1 + rng.IntN(5) {
					page[rng.IntN(len(page))]++
				}
			}
			r.ram.MarkWritten(n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// still ends the writing.
func (r *rewritten) still() {
	r.stop()
	<-r.done
}

// set switches capabilities on and sets parameters.
func (r *rewritten) set(t *testing.T, parameters qapi.MigrateSetParameters, capabilities ...qapi.MigrationCapability) {
	t.Helper()
	var list []qapi.MigrationCapabilityStatus
	for _, c := range capabilities {
		list = append(list, qapi.MigrationCapabilityStatus{Capability: c, State: true})
	}
	if list != nil {
		emulator.Must(t, r.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{Capabilities: list}))
	}
	emulator.Must(t, r.MigrateSetParameters(t.Context(), &parameters))
}

// goTo begins to move into a QEMU that waits with -incoming defer.
func (r *rewritten) goTo(t *testing.T, dst *emulator.Emulator) {
	t.Helper()
	uri := "unix:" + filepath.Join(dst.Dir, "in")
	emulator.Must(t, dst.Incoming(t.Context(), uri))
	emulator.Must(t, r.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}))
}

// until waits for something to be so while the migration goes on.
func (r *rewritten) until(t *testing.T, what string, reached func(*qapi.MigrationInfo) bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		info := r.Migration().Info()
		if reached(info) {
			return
		}
		switch *info.Status {
		case qapi.MigrationStatusFailed, qapi.MigrationStatusCompleted, qapi.MigrationStatusPreSwitchover:
			t.Fatalf("not %s: %s", what, info.AppendJSON(nil))
		}
		if time.Now().After(deadline) {
			t.Fatalf("not %s: %s", what, info.AppendJSON(nil))
		}
		time.Sleep(time.Millisecond)
	}
}

// stand is for a migration that pauses before its switchover, where a guest stands: it ends the writing there, and
// lets the migration go on.
func (r *rewritten) stand(t *testing.T) {
	t.Helper()
	r.until(t, "about to stop", func(i *qapi.MigrationInfo) bool { return *i.Status == qapi.MigrationStatusPreSwitchover })
	r.still()
	emulator.Must(t, r.MigrateContinue(t.Context(), &qapi.MigrateContinueArgs{State: qapi.MigrationStatusPreSwitchover}))
}

// arrived waits for the end and checks the memory of dst, whose guest is stopped, and that the guest goes on.
func (r *rewritten) arrived(t *testing.T, dst *emulator.Emulator) {
	t.Helper()
	emulator.Must(t, r.Migration().Wait(t.Context()))
	info := r.Migration().Info()
	t.Logf("%s", info.AppendJSON(nil))
	if *info.Status != qapi.MigrationStatusCompleted {
		t.Fatal("it did not complete")
	}
	_, err := dst.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
	const low = 1 << 20 // below, firmware has mapped other blocks
	got, err := dst.ReadMemory(t.Context(), low, emulator.GuestMemory-low)
	emulator.Must(t, err)
	differing := 0
	for at := uint64(low); at < emulator.GuestMemory; at += memory.PageSize {
		if !bytes.Equal(got[at-low:][:memory.PageSize], r.ram.Page(at/memory.PageSize)) {
			if differing++; differing == 1 {
				t.Errorf("memory differs at %#x", at)
			}
		}
	}
	if differing > 0 {
		t.Fatalf("%d pages differ", differing)
	}
	goesOn(t, dst)
}
