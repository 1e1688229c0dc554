package images

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/tests/emulator"
)

// hmp runs a command of the text monitor of a QEMU, which has nothing to say.
func hmp(t *testing.T, e *emulator.Emulator, line string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var said string
	emulator.Must(t, e.Execute(ctx, "human-monitor-command", map[string]any{"command-line": line}, &said))
	if said != "" {
		t.Fatalf("%s: %s", line, said)
	}
}

// The state of a VM in an image of a QEMU's is read here, written to another
// snapshot, and taken from there by the QEMU.
func TestVMStateThere(t *testing.T) {
	for _, version := range []string{"7.2", "10.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := emulator.NeedQEMU(t, version)
			d := &disk{t: t, k: kind{version: version}, path: filepath.Join(t.TempDir(), "image"), content: make([]byte, size)}
			d.img("create", "-q", "-f", "qcow2", d.path, fmt.Sprint(size))
			args := []string{"-machine", "pc", "-m", "32", "-S", "-nodefaults", "-display", "none", "-drive", "if=virtio,format=qcow2,file=" + d.path}
			qemu := emulator.Launch(t, p, "saver", args...)
			hmp(t, qemu, "qemu-io virtio0 \"write -q -P 0x5a 64k 64k\"")
			hmp(t, qemu, "savevm theirs")
			hmp(t, qemu, "qemu-io virtio0 \"write -q -P 0x77 0 1M\"")
			emulator.Must(t, qemu.Stop())

			n := d.ours()
			d.snapshots(func(s block.Snapshots) error { return copyState(t, s) })
			got := make([]byte, 3<<16)
			if _, err := n.ReadAt(got, 0); err != nil || got[0] != 0 || got[1<<16] != 0x5a || got[2<<16] != 0 {
				t.Errorf("the disk is not what it was: %v %x %x", err, got[0], got[1<<16])
			}
			d.theirs()
			if t.Failed() {
				return
			}
			qemu = emulator.Launch(t, p, "loader", append(args, "-loadvm", "ours")...)
			hmp(t, qemu, "qemu-io virtio0 \"read -q -P 0x5a 64k 64k\"")
			hmp(t, qemu, "savevm again")
			emulator.Must(t, qemu.Stop())
			d.img("check", "-q", d.path)
		})
	}
}

// copyState goes back to the only snapshot, and makes another one with the same state.
func copyState(t *testing.T, s block.Snapshots) error {
	list := s.Snapshots()
	if len(list) != 1 || list[0].Name != "theirs" || list[0].VMStateSize < 1<<16 || list[0].DiskSize != size {
		return fmt.Errorf("snapshots %+v", list)
	}
	if err := s.Apply(list[0].ID); err != nil {
		return err
	}
	state := make([]byte, list[0].VMStateSize)
	if _, err := s.ReadVMState(state, 0); err != nil {
		return err
	}
	if !bytes.HasPrefix(state, []byte("QEVM\x00\x00\x00\x03")) {
		t.Errorf("the state begins with %x", state[:8])
	}
	if err := s.WriteVMState(state, 0); err != nil {
		return err
	}
	_, err := s.Create(block.Snapshot{Name: "ours", VMStateSize: int64(len(state)), Clock: list[0].Clock, Icount: -1})
	return err
}
