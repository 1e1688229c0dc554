package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// Which pages go as zeros is the source's choice: ours counts, and sends, as QEMU does.
func TestZeroPageDetection(t *testing.T) {
	const machine = "pc-i440fx-10.0"
	for _, mode := range []string{"none", "legacy"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			qemu := emulator.NeedQEMU(t, "10.0")
			src := emulator.LaunchGuest(t, qemu, "source", machine, nil)
			dst := emulator.LaunchGuest(t, qemu, "destination", machine, nil, "-S", "-incoming", "defer")
			middle := adopting(t)
			emulator.Must(t, src.WaitBooted(ctx))
			emulator.Must(t, src.Execute(ctx, "stop", nil, nil)) // each page goes once
			for _, e := range []*emulator.Emulator{src, middle} {
				emulator.Must(t, e.SetParameters(ctx, fast))
				emulator.Must(t, e.SetParameters(ctx, map[string]any{"zero-page-detection": mode}))
			}
			move(t, emulator.Unix(), src, middle)
			move(t, emulator.TCP(), middle, dst)
			theirs, err := src.QueryMigrate(ctx)
			emulator.Must(t, err)
			ours, err := middle.QueryMigrate(ctx)
			emulator.Must(t, err)
			t.Logf("zero %d, in full %d", ours.RAM.Duplicate, ours.RAM.Normal)
			if ours.RAM.Duplicate != theirs.RAM.Duplicate || ours.RAM.Normal != theirs.RAM.Normal {
				t.Errorf("QEMU sent %d zero pages and %d others, ours %d and %d",
					theirs.RAM.Duplicate, theirs.RAM.Normal, ours.RAM.Duplicate, ours.RAM.Normal)
			}
			if (mode == "none") != (ours.RAM.Duplicate == 0) || ours.RAM.Duplicate+ours.RAM.Normal != ours.RAM.Total/4096 {
				t.Errorf("%d zero pages and %d others of %d bytes", ours.RAM.Duplicate, ours.RAM.Normal, ours.RAM.Total)
			}
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}

// Memory in a file that both ends map stays where it is, also of a machine that was parked in between.
func TestIgnoreSharedThroughAdopt(t *testing.T) {
	for _, way := range [][2]string{{"10.0", "10.0"}, {"7.2", "7.2"}, {"7.2", "10.0"}} {
		t.Run(way[0]+"_"+way[1], func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			machine := "pc-i440fx-" + way[0]
			file := filepath.Join(t.TempDir(), "memory")
			launch := func(version, name string, extra ...string) *emulator.Emulator {
				memory := fmt.Sprintf("memory-backend-file,id=m0,size=%d,mem-path=%s,share=on", emulator.GuestMemory, file)
				e := emulator.LaunchGuest(t, emulator.NeedQEMU(t, version), name, machine+",memory-backend=m0",
					[]string{"-object", memory}, extra...)
				emulator.Must(t, e.SetCapabilities(ctx, "x-ignore-shared"))
				return e
			}
			src := launch(way[0], "source")
			emulator.Must(t, src.WaitBooted(ctx))
			middle := adopting(t)
			emulator.Must(t, middle.SetCapabilities(ctx, "x-ignore-shared"))
			move(t, emulator.Unix(), src, middle)
			before, err := os.ReadFile(file)
			emulator.Must(t, err)
			dst := launch(way[1], "destination", "-S", "-incoming", "defer")
			emulator.Must(t, middle.SetParameters(ctx, fast))
			move(t, emulator.TCP(), middle, dst)
			for _, e := range []*emulator.Emulator{src, middle} {
				m, err := e.QueryMigrate(ctx)
				emulator.Must(t, err)
				if m.RAM.Total >= 8<<20 || m.RAM.Normal+m.RAM.Duplicate != m.RAM.Total/4096 {
					t.Errorf("%s sent %+v", e.Name, m.RAM)
				}
			}
			after, err := os.ReadFile(file)
			emulator.Must(t, err)
			if string(after) != string(before) {
				t.Error("the memory in the file has changed on the way")
			}
			goesOn(t, dst)
		})
	}
}

// What is not here cannot be sent.
func TestIgnoreSharedIsNotForgotten(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "memory")
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "source", "pc-i440fx-10.0,memory-backend=m0",
		[]string{"-object", fmt.Sprintf("memory-backend-file,id=m0,size=%d,mem-path=%s,share=on", emulator.GuestMemory, file)})
	middle := adopting(t)
	for _, e := range []*emulator.Emulator{src, middle} {
		emulator.Must(t, e.SetCapabilities(ctx, "x-ignore-shared"))
	}
	move(t, emulator.Unix(), src, middle)
	emulator.Must(t, middle.ClearCapabilities(ctx, "x-ignore-shared"))
	const want = "The memory of block 'm0' is not here"
	if err := middle.MigrateTo(ctx, "exec:cat >/dev/null"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("it answers %v, want %s", err, want)
	}
}
