package faults

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/wire"
	"qmpmigrate/tests/emulator"
)

// source is a program whose VM runs, and the name of its block.
func source(t *testing.T, p emulator.Program) (src *emulator.Emulator, block string) {
	t.Helper()
	block = "memtest.ram"
	args := []string{"-m", "16M", "-nodefaults", "-machine", "memtest,workload=stress,rate=16M"}
	if p.QEMU {
		block = "ram"
		path := filepath.Join(t.TempDir(), block)
		file, err := os.Create(path)
		emulator.Must(t, err)
		for range blockRAM >> 16 {
			_, err = file.Write(bytes.Repeat([]byte("page"), 1<<14))
			emulator.Must(t, err)
		}
		emulator.Must(t, file.Close())
		args = append(args[:len(args)-1], "none,memory-backend=ram",
			"-object", "memory-backend-file,id=ram,size=16M,share=off,mem-path="+path)
	}
	src = emulator.Launch(t, p, "source", args...)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		state, err := src.RunState(t.Context())
		emulator.Must(t, err)
		if state == "running" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the VM is %s", state)
		}
	}
	return src, block
}

// refuses waits until src has given up for a reason, and compares that.
func (d hostileDestination) refuses(t *testing.T, src *emulator.Emulator, status string) {
	t.Helper()
	m, err := src.WaitMigration(t.Context(), status)
	emulator.Must(t, err)
	if !strings.HasPrefix(m.ErrorDesc, d.want) {
		t.Errorf("%s says %q, not %q", src.Name, m.ErrorDesc, d.want)
	}
}

// While the VM is its source's, nothing that a destination says harms it: it runs, and can be moved.
func TestHostileDestinations(t *testing.T) {
	for _, p := range []emulator.Program{emulator.NeedServer(t), emulator.NeedQEMU(t, "10.0")} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			src, block := source(t, p)
			emulator.Must(t, src.SetCapabilities(t.Context(), "postcopy-ram"))
			before, _, err := src.ResidentMemory()
			emulator.Must(t, err)
			for _, d := range append(babble(), early(block)...) {
				if p.QEMU && d.alone != "" {
					continue
				}
				uri, end := listener{says: func(conn io.Writer) { _, _ = conn.Write(d.says) }}.wait(t)
				emulator.Must(t, src.MigrateTo(t.Context(), uri))
				d.refuses(t, src, "failed")
				end()
				runs(t, src)
			}
			_, most, err := src.ResidentMemory()
			emulator.Must(t, err)
			if !p.QEMU && most-before > slack+blockRAM {
				t.Errorf("it cost %d KiB", (most-before)>>10)
			}
			moves(t, src)
		})
	}
}

// Once the VM is its destination's, a source that hears nonsense waits for one that makes sense. QEMU goes on to
// the end and fails then: only what it says is compared.
func TestHostileFollowers(t *testing.T) {
	qemu, ours := emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)
	for i := range append(babble(), late("")...) {
		t.Run(append(babble(), late("")...)[i].name, func(t *testing.T) {
			t.Parallel()
			for p, status := range map[*emulator.Program]string{&ours: "postcopy-paused", &qemu: "failed"} {
				src, block := source(t, *p)
				d := append(babble(), late(block)...)[i]
				if p.QEMU && d.alone != "" {
					continue
				}
				if strings.HasPrefix(d.want, "Sibling") {
					status = "failed"
				}
				before, _, err := src.ResidentMemory()
				emulator.Must(t, err)
				if !p.QEMU {
					// Not everything is sent before the answer comes: that would be another end.
					emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-postcopy-bandwidth": 1 << 20}))
				}
				end := follow(t, src, listener{mark: run(), says: func(conn io.Writer) { _, _ = conn.Write(d.says) }})
				d.refuses(t, src, status)
				end()
				_, most, err := src.ResidentMemory()
				emulator.Must(t, err)
				if !p.QEMU && most-before > slack+blockRAM {
					t.Errorf("it cost %d KiB", (most-before)>>10)
				}
			}
		})
	}
}

func run() []byte { return wire.AppendCommand(nil, wire.CmdPostcopyRun, nil) }

// follow lets src hand its VM over to l.
func follow(t *testing.T, src *emulator.Emulator, l listener) (end func()) {
	t.Helper()
	emulator.Must(t, src.SetCapabilities(t.Context(), "postcopy-ram"))
	// Time enough to begin: no page is zero, of which a QEMU sends a buffer full at once.
	emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-bandwidth": 100000, "downtime-limit": 0}))
	uri, end := l.wait(t)
	emulator.Must(t, src.MigrateTo(t.Context(), uri))
	emulator.Must(t, src.StartPostcopy(t.Context()))
	return end
}

// runs checks that the VM of src does.
func runs(t *testing.T, src *emulator.Emulator) {
	t.Helper()
	state, err := src.RunState(t.Context())
	emulator.Must(t, err)
	if state != "running" {
		t.Errorf("the VM of %s is %s", src.Name, state)
	}
}

// moves lets the VM of src migrate to a destination that is as it must be.
func moves(t *testing.T, src *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	machine := "memtest,workload=stress"
	if src.Program.QEMU {
		machine = "none"
	}
	dst := emulator.Launch(t, src.Program, "good destination", "-machine", machine, "-m", "16M", "-nodefaults", "-incoming", "defer")
	emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 0, "downtime-limit": 300}))
	emulator.Must(t, src.ClearCapabilities(ctx, "postcopy-ram", "return-path"))
	emulator.Must(t, emulator.Unix().Migrate(ctx, src, dst))
	_, err := src.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	_, err = dst.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	if !src.Program.QEMU {
		whole(t, dst, blockRAM)
	}
	runs(t, dst)
}

// whole checks that all memory, so many bytes, is what the guest left there.
func whole(t *testing.T, e *emulator.Emulator, size int64) {
	t.Helper()
	var v struct {
		Pages  int64
		Faulty int64 `json:"faulty-pages"`
	}
	emulator.Must(t, e.Execute(t.Context(), "x-verify-memory", nil, &v))
	if v.Faulty != 0 || v.Pages != size/4096 {
		t.Errorf("of %d pages %d are faulty", v.Pages, v.Faulty)
	}
}
