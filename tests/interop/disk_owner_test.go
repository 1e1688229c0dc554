package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// diskSize is that of the disks here, in bytes.
const diskSize = 2 << 20

// sharedDisk gives the options of a VM that stands, whose disk is an image with a name.
func sharedDisk(image string, extra ...string) []string {
	return append([]string{"-m", "32", "-nodefaults", "-display", "none", "-S",
		"-drive", "file=" + image + ",format=qcow2,if=none,id=d0,node-name=n0", "-device", "virtio-blk-pci,drive=d0,id=v0"}, extra...)
}

// active says whether a machine has its disk; QEMU 7.2 does not tell.
func active(t *testing.T, e *emulator.Emulator) bool {
	t.Helper()
	var nodes []struct{ Active *bool }
	emulator.Must(t, e.Execute(t.Context(), "query-named-block-nodes", nil, &nodes))
	return nodes[0].Active == nil || *nodes[0].Active
}

// The disk of a VM is an image that all its machines open: a QEMU writes to it and gives it up, the machine that adopts
// the VM leaves it alone, and the QEMU that it goes on to takes it.
func TestDiskIsOneMachinesAtATime(t *testing.T) {
	for _, version := range []string{"7.2", "10.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			image := filepath.Join(t.TempDir(), "disk.qcow2")
			emulator.Img(t, version, "create", "-f", "qcow2", image, "2M")
			machine := []string{"-accel", "tcg", "-machine", map[string]string{"7.2": "pc-i440fx-7.2", "10.0": "pc-i440fx-10.0"}[version]}
			qemu := emulator.NeedQEMU(t, version)
			src := emulator.Launch(t, qemu, "source", append(machine, sharedDisk(image)...)...)
			parked := emulator.Launch(t, emulator.NeedServer(t), "parked", sharedDisk(image, "-machine", "adopt", "-incoming", "defer")...)
			dst := emulator.Launch(t, qemu, "destination", append(machine, sharedDisk(image, "-incoming", "defer")...)...)
			if active(t, parked) {
				t.Error("parked: has the disk before the VM")
			}
			ioTo(t, src, "d0", "write -q -P 1 0 128k")
			ioTo(t, parked, "d0", "write -q -P 9 0 128k") // it cannot: it is not its disk
			move(t, emulator.Unix(), src, parked)
			if active(t, parked) || version == "10.0" && active(t, src) {
				t.Errorf("active: source %v, parked %v", active(t, src), active(t, parked))
			}
			move(t, emulator.Unix(), parked, dst)
			emulator.Must(t, dst.Execute(t.Context(), "cont", nil, nil))
			ioTo(t, dst, "d0", "write -q -P 3 64k 128k")
			ioTo(t, parked, "d0", "write -q -P 9 0 1M")
			for _, e := range []*emulator.Emulator{src, parked, dst} {
				emulator.Must(t, e.Stop())
			}
			emulator.Img(t, version, "check", image)
			raw := image + ".raw"
			emulator.Img(t, version, "convert", "-O", "raw", image, raw)
			data, err := os.ReadFile(raw)
			emulator.Must(t, err)
			want := strings.Repeat("\x01", 64<<10) + strings.Repeat("\x03", 128<<10) + strings.Repeat("\x00", 64<<10)
			if got := string(data[:256<<10]); got != want {
				for at := 0; at < len(want); at += 64 << 10 {
					t.Errorf("at %d there is %d, want %d", at, got[at], want[at])
				}
			}
		})
	}
}

// The built-in guest writes its disk while it moves, and what it wrote is there: in an image that both open, and in
// one of the destination's own, into which all of it is sent.
func TestWrittenDiskMoves(t *testing.T) {
	for _, tc := range []struct {
		name, format string
		sent         bool
	}{{"shared raw", "raw", false}, {"shared qcow2", "qcow2", false}, {"sent", "qcow2", true}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			here := filepath.Join(t.TempDir(), "disk")
			emulator.Img(t, "10.0", "create", "-f", tc.format, here, "2M")
			there, first := here, []string{}
			if tc.sent {
				there, first = here+"2", []string{"-global", "migration.x-block=on"}
				emulator.Img(t, "10.0", "create", "-f", tc.format, there, "2M")
			}
			args := func(image string, extra ...string) []string {
				return append([]string{"-machine", "memtest,workload=stress,rate=4M,disk-rate=4M", "-m", "32", "-nodefaults",
					"-drive", "file=" + image + ",format=" + tc.format + ",if=virtio"}, extra...)
			}
			src := emulator.Launch(t, emulator.NeedServer(t), "source", args(here, first...)...)
			dst := emulator.Launch(t, emulator.NeedServer(t), "destination", args(there, "-incoming", "defer")...)
			for proveDisk(t, src) == 0 { // the guest comes to its disk in a while
				if t.Failed() {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			if active(t, dst) {
				t.Error("the destination has the disk")
			}
			counted(t, src)
			emulator.Must(t, src.SetParameters(ctx, fast))
			move(t, emulator.Unix(), src, dst)
			for proveDisk(t, dst) < diskSize/4096 { // all of it was written by now, most of it before the move
				if t.Failed() {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			if err := src.Execute(ctx, "cont", nil, nil); tc.sent != (err == nil) {
				t.Errorf("the source goes on: %v", err)
			}
		})
	}
}

// proveDisk checks the disk of the built-in guest, and gives how many pieces of it were written.
func proveDisk(t *testing.T, e *emulator.Emulator) int64 {
	t.Helper()
	var v verification
	emulator.Must(t, e.Execute(t.Context(), "x-verify-disk", nil, &v))
	if v.Faulty != 0 {
		t.Errorf("%s: of %d pieces %d are faulty: %+v", e.Name, v.Pages, v.Faulty, v.Faults)
	}
	return v.Pages
}

// counted checks what a machine counts of the built-in guest, which only writes.
func counted(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	var list []struct {
		Stats struct {
			Read    int64  `json:"rd_operations"`
			Written int64  `json:"wr_bytes"`
			Writes  int64  `json:"wr_operations"`
			Time    int64  `json:"wr_total_time_ns"`
			Idle    *int64 `json:"idle_time_ns"`
		}
	}
	emulator.Must(t, e.Execute(t.Context(), "query-blockstats", nil, &list))
	if s := list[0].Stats; s.Read != 0 || s.Writes == 0 || s.Written != s.Writes*4096 || s.Time == 0 || s.Idle == nil {
		t.Errorf("counted: %+v", s)
	}
}
