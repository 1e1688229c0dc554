package interop

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/emulator"
)

// bitmapArgs names one of the test's bitmaps.
func bitmapArgs(name string, more map[string]any) map[string]any {
	args := map[string]any{"node": "data", "name": name}
	for k, v := range more {
		args[k] = v
	}
	return args
}

// dataNode is a disk that only its node's name is known of.
func dataNode(t *testing.T, size string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.img")
	emulator.Img(t, "10.0", "create", "-q", "-f", "raw", path, size)
	return []string{"-blockdev", "driver=raw,node-name=data,file.driver=file,file.filename=" + path}
}

// bitmaps makes bitmaps of all kinds on a QEMU, and has the disk written.
func bitmaps(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	add := func(name string, granularity int) {
		emulator.Must(t, e.Execute(t.Context(), "block-dirty-bitmap-add", bitmapArgs(name, map[string]any{"granularity": granularity}), nil))
	}
	add("fine", 512)
	add("still", 4096)
	ioTo(t, e, "data", "write -P 1 0 512")
	ioTo(t, e, "data", "write -P 1 3M 1M")
	ioTo(t, e, "data", "write -P 1 10485248 512")
	emulator.Must(t, e.Execute(t.Context(), "block-dirty-bitmap-disable", bitmapArgs("still", nil), nil))
	add("coarse", 65536)
	ioTo(t, e, "data", "write -P 1 7M 100k")
}

var bitmapNames = []string{"fine", "still", "coarse"}

func bitmapSum(t *testing.T, e *emulator.Emulator, name string) string {
	t.Helper()
	var r struct{ SHA256 string }
	emulator.Must(t, e.Execute(t.Context(), "x-debug-block-dirty-bitmap-sha256", bitmapArgs(name, nil), &r))
	return r.SHA256
}

// recording says which bitmaps of a QEMU's disk record, and that none is busy.
func recording(t *testing.T, e *emulator.Emulator) map[string]bool {
	t.Helper()
	var nodes []struct {
		Name    string `json:"node-name"`
		Bitmaps []struct {
			Name            string
			Recording, Busy bool
		} `json:"dirty-bitmaps"`
	}
	emulator.Must(t, e.Execute(t.Context(), "query-named-block-nodes", map[string]any{"flat": true}, &nodes))
	record := map[string]bool{}
	for _, n := range nodes {
		if n.Name != "data" {
			continue
		}
		for _, b := range n.Bitmaps {
			record[b.Name] = b.Recording
			if b.Busy {
				t.Errorf("%s: bitmap %s is busy", e.Name, b.Name)
			}
		}
	}
	return record
}

// sameBitmaps checks that a machine of ours has the bitmaps of a QEMU.
func (p *parked) sameBitmaps(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	node := p.Disks().Node("data")
	if all := node.Bitmaps(); len(all) != len(bitmapNames) {
		t.Fatalf("%d bitmaps have come", len(all))
	}
	for _, name := range bitmapNames {
		b := node.Bitmap(name)
		if b == nil {
			t.Fatalf("bitmap %s has not come", name)
		}
		if got, want := b.SHA256(), bitmapSum(t, e, name); got != want || b.Count() == 0 {
			t.Errorf("bitmap %s has changed: %s, %s", name, got, want)
		}
		if is := b.State(); is != (block.State{Enabled: name != "still"}) {
			t.Errorf("bitmap %s: %+v", name, is)
		}
	}
}

func sameBitmaps(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	for _, name := range bitmapNames {
		if got, want := bitmapSum(t, dst, name), bitmapSum(t, src, name); got != want {
			t.Errorf("bitmap %s has changed: %s, %s", name, got, want)
		}
	}
	record := recording(t, dst)
	if text, _ := json.Marshal(record); len(record) != len(bitmapNames) || record["still"] || !record["fine"] || !record["coarse"] {
		t.Errorf("%s: %s", dst.Name, text)
	}
}

// switchOn switches capabilities of a machine of ours on.
func (p *parked) switchOn(t *testing.T, capabilities ...qapi.MigrationCapability) {
	t.Helper()
	var list []qapi.MigrationCapabilityStatus
	for _, c := range capabilities {
		list = append(list, qapi.MigrationCapabilityStatus{Capability: c, State: true})
	}
	emulator.Must(t, p.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{Capabilities: list}))
}

// Dirty bitmaps out of a QEMU, parked here, and on in another: of several granularities, some of which record.
func TestBitmapsThroughAdopt(t *testing.T) {
	for _, v := range []struct{ from, to, machine string }{
		{"7.2", "10.0", "pc-i440fx-7.2"},
		{"10.0", "7.2", "pc-i440fx-7.2"},
	} {
		t.Run(v.from+" "+v.to, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil, dataNode(t, "10M")...)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil,
				append(dataNode(t, "10M"), "-S", "-incoming", "defer")...)
			middle := park(t, map[string]int64{"data": 10 << 20})
			emulator.Must(t, src.WaitBooted(ctx))
			bitmaps(t, src)
			emulator.Must(t, src.SetCapabilities(ctx, "dirty-bitmaps"))
			emulator.Must(t, src.SetParameters(ctx, fast))
			emulator.Must(t, src.MigrateTo(ctx, middle.incoming(t)))
			_, err := src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			middle.done(t, qapi.MigrationStatusCompleted)
			middle.sameBitmaps(t, src)

			middle.switchOn(t, qapi.MigrationCapabilityDirtyBitmaps)
			uri := "unix:" + filepath.Join(dst.Dir, "in")
			emulator.Must(t, dst.Incoming(ctx, uri))
			emulator.Must(t, middle.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}))
			middle.done(t, qapi.MigrationStatusCompleted)
			_, err = dst.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			sameBitmaps(t, src, dst)
			goesOn(t, dst)
		})
	}
}

// The same in postcopy, alone, behind memory on lanes, and beside memory: a VM that is stopped converges, and the bits of a large disk are
// more than the downtime allows.
func TestBitmapsFollow(t *testing.T) {
	for _, v := range []struct {
		from, machine, beside string
	}{ // a 7.2 may die of it as a destination
		{"7.2", "pc-i440fx-7.2", ""}, {"7.2", "pc-i440fx-7.2", "multifd"}, {"10.0", "pc-i440fx-10.0", "multifd"},
		{"7.2", "pc-i440fx-7.2", "postcopy-ram"},
	} {
		t.Run(v.from+" "+v.beside, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			const size = 2 << 30
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil, dataNode(t, "2G")...)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "destination", v.machine, nil,
				append(dataNode(t, "2G"), "-incoming", "defer")...)
			middle := park(t, map[string]int64{"data": size})
			emulator.Must(t, src.WaitBooted(ctx))
			bitmaps(t, src)
			capabilities := []string{"dirty-bitmaps"}
			if v.beside != "" {
				capabilities = append(capabilities, v.beside)
			}
			ours := []qapi.MigrationCapability{qapi.MigrationCapabilityEvents}
			for _, c := range capabilities {
				ours = append(ours, qapi.MigrationCapability(c))
			}
			middle.switchOn(t, ours...)
			for _, e := range []*emulator.Emulator{src, dst} {
				emulator.Must(t, e.SetCapabilities(ctx, capabilities...))
			}
			emulator.Must(t, src.Execute(ctx, "stop", nil, nil))
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 128 << 20, "downtime-limit": 1}))
			emulator.Must(t, src.MigrateTo(ctx, middle.incoming(t)))
			emulator.Must(t, src.StartPostcopy(ctx))
			_, err := src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			middle.done(t, qapi.MigrationStatusCompleted)
			middle.sameBitmaps(t, src)

			// Nothing goes until postcopy has been asked for.
			emulator.Must(t, middle.MigrateSetParameters(ctx, &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(1000))}))
			uri := "unix:" + filepath.Join(dst.Dir, "in")
			emulator.Must(t, dst.Incoming(ctx, uri))
			emulator.Must(t, middle.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}))
			emulator.Must(t, middle.MigrateStartPostcopy(ctx))
			emulator.Must(t, middle.MigrateSetParameters(ctx, &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(10e9))}))
			middle.done(t, qapi.MigrationStatusCompleted)
			_, err = dst.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			sameBitmaps(t, src, dst)
			if n := middle.followed.Load(); n != 2 {
				t.Errorf("it was postcopy %d times", n)
			}
			goesOn(t, dst)
		})
	}
}
