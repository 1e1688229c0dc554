package interop

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"qmpmigrate/core"
	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/emulator"
)

// A parked is a machine of ours in this process that adopts the test guest with its disks, which are in memory.
type parked struct {
	*core.Machine
	disks    map[string]*blocktest.Memory
	followed atomic.Int32 // how often it was in postcopy, as destination or source
}

// Emit counts.
func (p *parked) Emit(e qapi.Event) {
	if m, ok := e.(*qapi.MigrationEvent); ok && m.Status == qapi.MigrationStatusPostcopyActive {
		p.followed.Add(1)
	}
}

// park makes one with disks of those sizes, each of which is called by its name as drive and as node.
func park(t *testing.T, sizes map[string]int64) *parked {
	t.Helper()
	disks := map[string]*blocktest.Memory{}
	graph := &block.Graph{}
	for name, size := range sizes {
		disks[name] = blocktest.NewMemory(size)
		n := disks[name].Node(name)
		emulator.Must(t, graph.AddNode(n))
		graph.AddBackend(block.Backend{Name: name, Node: n})
	}
	p := &parked{disks: disks}
	p.Machine = core.NewRelay(core.Config{Incoming: true, Disks: graph, Events: p, Report: func(text string) { t.Log("parked:", text) }}, adopt.New())
	t.Cleanup(func() { p.Close() })
	return p
}

// incoming waits for a source, and tells where.
func (p *parked) incoming(t *testing.T) string {
	t.Helper()
	uri := "unix:" + filepath.Join(t.TempDir(), "in")
	emulator.Must(t, p.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}))
	return uri
}

// done waits for the end of the migration of one end.
func (p *parked) done(t *testing.T, want qapi.MigrationStatus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	emulator.Must(t, p.Migration().Wait(ctx))
	if info := p.Migration().Info(); *info.Status != want {
		t.Fatalf("parked: migration is %s, not %s: %v", *info.Status, want, info.ErrorDesc)
	}
}

// why tells what the machine says about its migration.
func (p *parked) why() string {
	info := p.Migration().Info()
	if info.ErrorDesc == nil {
		return string(*info.Status)
	}
	return *info.ErrorDesc
}

const dataSize = 12 << 20

// dataDisk makes an image with content of all kinds.
func dataDisk(t *testing.T) string {
	t.Helper()
	data := make([]byte, dataSize)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(data[1<<20 : 3<<20])
	_, _ = random.Read(data[5<<20+1000 : 5<<20+5000])
	_, _ = random.Read(data[dataSize-512:])
	path := filepath.Join(t.TempDir(), "data.img")
	emulator.Must(t, os.WriteFile(path, data, 0o600))
	return path
}

func emptyDisk(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.img")
	emulator.Must(t, os.WriteFile(path, make([]byte, dataSize), 0o600))
	return path
}

func drive(path string) []string {
	// A device uses it: only then QEMU has it open for writing, and does not open it anew under the migration.
	return []string{"-drive", "file=" + path + ",format=raw,if=none,id=data", "-device", "ide-hd,drive=data,bus=ide.1"}
}

// ioTo lets a QEMU write to one of its disks itself.
func ioTo(t *testing.T, e *emulator.Emulator, disk, command string) {
	t.Helper()
	var said string
	emulator.Must(t, e.Execute(t.Context(), "human-monitor-command",
		map[string]any{"command-line": fmt.Sprintf("qemu-io %s %q", disk, command)}, &said))
	if bytes.Contains([]byte(said), []byte("rror")) || bytes.Contains([]byte(said), []byte("failed")) {
		t.Fatalf("qemu-io %s %s: %s", disk, command, said)
	}
}

// Out of a QEMU 7.2 with all of its disks, one of which is written meanwhile, parked here, and on in another.
func TestDisksThroughAdopt(t *testing.T) {
	for name, zeroBlocks := range map[string]bool{"plain": false, "zero-blocks": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			from, to := dataDisk(t), emptyDisk(t)
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", "pc-i440fx-7.2", nil, drive(from)...)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "destination", "pc-i440fx-7.2", nil,
				append(drive(to), "-S", "-incoming", "defer")...)
			middle := park(t, map[string]int64{"ide0-hd0": 1 << 20, "data": dataSize})
			emulator.Must(t, src.WaitBooted(ctx))
			if zeroBlocks {
				emulator.Must(t, src.SetCapabilities(ctx, "zero-blocks"))
				emulator.Must(t, middle.MigrateSetCapabilities(ctx, &qapi.MigrateSetCapabilitiesArgs{
					Capabilities: []qapi.MigrationCapabilityStatus{{Capability: qapi.MigrationCapabilityZeroBlocks, State: true}}}))
			}
			// Slowly, until some of the disks has gone; what is written then lies before and behind.
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 8 << 20}))
			emulator.Must(t, src.Execute(ctx, "migrate", map[string]any{"uri": middle.incoming(t), "blk": true}, nil))
			_, err := src.WaitMigrationUntil(ctx, "active", func(m emulator.Migration) bool { return m.Status == "active" && m.Disk.Transferred > 2<<20 })
			emulator.Must(t, err)
			ioTo(t, src, "data", "write -P 17 0 512")
			ioTo(t, src, "data", "write -P 18 11M 1M")
			ioTo(t, src, "data", "write -z 1M 64k")
			emulator.Must(t, src.SetParameters(ctx, fast))
			_, err = src.WaitMigration(ctx, "completed")
			if err != nil {
				t.Fatal(err, middle.why())
			}
			middle.done(t, qapi.MigrationStatusCompleted)
			data, err := os.ReadFile(from)
			emulator.Must(t, err)
			if got := middle.disks["data"].Bytes(); !bytes.Equal(got, data) || got[0] != 17 {
				t.Fatal("the disk has changed on its way here")
			}

			uri := "unix:" + filepath.Join(dst.Dir, "in")
			emulator.Must(t, dst.Incoming(ctx, uri))
			emulator.Must(t, middle.MigrateSetParameters(ctx, &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(10e9))}))
			emulator.Must(t, middle.MigrateDisks(ctx, &qapi.MigrateArgs{URI: &uri}, false))
			middle.done(t, qapi.MigrationStatusCompleted)
			_, err = dst.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			got, err := os.ReadFile(to)
			emulator.Must(t, err)
			if !bytes.Equal(got, data) {
				t.Fatal("the disk has changed on its way back")
			}
			goesOn(t, dst)
		})
	}
}
