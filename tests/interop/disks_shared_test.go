package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// typed has a text monitor carry a line out, and gives what it says.
func typed(t *testing.T, e *emulator.Emulator, line string) (said string) {
	t.Helper()
	emulator.Must(t, e.Execute(t.Context(), "human-monitor-command", map[string]any{"command-line": line}, &said))
	return said
}

// Disks on top of an image that both ends have go whole (migrate -b), or without what is beneath (-i), out of a QEMU 7.2,
// parked here, and on in another. People ask for it in the text monitor.
func TestSharedBackingThroughAdopt(t *testing.T) {
	for _, flag := range []string{"-b", "-i"} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := func(name string) string { return filepath.Join(dir, name) }
			emulator.Must(t, os.WriteFile(path("raw"), dataPattern(), 0o600))
			emulator.Img(t, "7.2", "convert", "-f", "raw", "-O", "qcow2", path("raw"), path("base"))
			create := func(name string, shared bool) []string {
				args := []string{"create", "-q", "-f", "qcow2"}
				if shared {
					args = append(args, "-b", path("base"), "-F", "qcow2", path(name))
				} else {
					args = append(args, path(name), "4M")
				}
				emulator.Img(t, "7.2", args...)
				return []string{"-m", "32", "-nodefaults", "-drive", "file=" + path(name) + ",format=qcow2,if=none,id=d0", "-device", "virtio-blk-pci,drive=d0"}
			}
			pc := []string{"-accel", "tcg", "-machine", "pc-i440fx-7.2", "-S"}
			qemu := emulator.NeedQEMU(t, "7.2")
			src := emulator.Launch(t, qemu, "source", append(pc, create("there", true)...)...)
			parked := emulator.Launch(t, emulator.NeedServer(t), "parked", append(create("here", flag == "-i"), "-machine", "adopt", "-incoming", "defer")...)
			dst := emulator.Launch(t, qemu, "destination", append(append(pc, create("on", flag == "-i")...), "-incoming", "defer")...)
			ioTo(t, src, "d0", "write -q -P 34 1M 300k")
			ioTo(t, src, "d0", "write -q -z 1536k 64k")
			ioTo(t, src, "d0", "write -q -P 51 3M 512")
			for _, ends := range [][2]*emulator.Emulator{{src, parked}, {parked, dst}} {
				uri := "unix:" + filepath.Join(ends[1].Dir, "in")
				emulator.Must(t, ends[1].Incoming(t.Context(), uri))
				// A monitor in which nobody waits says so.
				if said := typed(t, ends[0], "migrate "+flag+" "+uri); !strings.Contains(said, "continuing detached") {
					t.Errorf("%s: %q", ends[0].Name, said)
				}
				for _, e := range ends {
					_, err := e.WaitMigration(t.Context(), "completed")
					emulator.Must(t, err)
				}
			}
			for _, e := range []*emulator.Emulator{src, parked, dst} {
				emulator.Must(t, e.Stop())
			}
			for _, name := range []string{"here", "on"} {
				emulator.Img(t, "7.2", "compare", "-q", path("there"), path(name))
				emulator.Img(t, "7.2", "check", "-q", path(name))
				info, err := os.Stat(path(name))
				emulator.Must(t, err)
				if whole := info.Size() > 3<<20; whole != (flag == "-b") {
					t.Errorf("%s: %s has %d bytes", flag, name, info.Size())
				}
			}
		})
	}
}

// dataPattern fills a disk of 4 MiB, each piece with a byte of its own.
func dataPattern() []byte {
	p := make([]byte, 4<<20)
	for i := range p {
		p[i] = byte(i>>16) | 1
	}
	return p
}
