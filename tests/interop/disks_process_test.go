package interop

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// qcow2Data makes an image with content; or one with nothing of its own in it, on top of another one, unless base is "".
func qcow2Data(t *testing.T, raw, base string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.qcow2")
	if base != "" {
		emulator.Img(t, "7.2", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", path)
	} else {
		emulator.Img(t, "7.2", "convert", "-f", "raw", "-O", "qcow2", raw, path)
	}
	return path
}

func dataDrive(path string) []string {
	return []string{"-drive", "file=" + path + ",format=qcow2,if=none,id=data", "-device", "ide-hd,drive=data,bus=ide.1"}
}

// Out of a QEMU 7.2 with its disks into ours, which parks them in images of its own, and on into another 7.2: because
// the command says so; and because of the capability, which then leaves out what is beneath. The images at the end hold
// what those at the beginning do.
func TestDisksByCommandAndCapability(t *testing.T) {
	for name, capability := range map[string]bool{"command": false, "incremental capability": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			raw, base := dataDisk(t), ""
			if capability {
				base = raw
			}
			image := func() string {
				if capability {
					return qcow2Data(t, "", base)
				}
				return qcow2Data(t, emptyDisk(t), "")
			}
			from, here, to := qcow2Data(t, raw, base), image(), image()
			boot := filepath.Join(t.TempDir(), "boot.img")
			emulator.Must(t, os.WriteFile(boot, make([]byte, 1<<20), 0o600))

			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", "pc-i440fx-7.2", nil, dataDrive(from)...)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "destination", "pc-i440fx-7.2", nil,
				append(dataDrive(to), "-S", "-incoming", "defer")...)
			args := []string{"-machine", "adopt", "-nodefaults", "-incoming", "defer",
				"-drive", "file=" + boot + ",format=raw,if=none,id=ide0-hd0", "-drive", "file=" + here + ",format=qcow2,if=none,id=data"}
			if capability {
				args = append(args, "-global", "migration.x-block=on", "-global", "migration.x-block-incremental=on")
			}
			parked := emulator.Launch(t, emulator.NeedServer(t), "parked", args...)
			emulator.Must(t, src.WaitBooted(ctx))

			command := map[string]any{}
			if capability {
				emulator.Must(t, src.SetCapabilities(ctx, "block"))
				emulator.Must(t, src.SetParameters(ctx, map[string]any{"block-incremental": true}))
			} else {
				command["blk"] = true
			}
			// So slowly that what is written meanwhile lies before and behind.
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 100_000}))
			uri := "unix:" + filepath.Join(parked.Dir, "in")
			emulator.Must(t, parked.Incoming(ctx, uri))
			command["uri"] = uri
			emulator.Must(t, src.Execute(ctx, "migrate", command, nil))
			_, err := src.WaitMigrationUntil(ctx, "active", func(m emulator.Migration) bool { return m.Status == "active" && m.Disk.Total > 0 })
			emulator.Must(t, err)
			first, last := int64(0), int64(dataSize)
			if capability {
				first, last = 8<<20, 9<<20
			}
			for range 8 {
				off := first + rand.Int64N((last-first)/512)*512
				ioTo(t, src, "data", fmt.Sprintf("write -q -P %d %d %d", 1+rand.IntN(255), off, min(last-off, 512*(1+rand.Int64N(200)))))
			}
			emulator.Must(t, src.SetParameters(ctx, fast))
			for _, e := range []*emulator.Emulator{src, parked} {
				_, err := e.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
			}

			uri = "unix:" + filepath.Join(dst.Dir, "in")
			emulator.Must(t, dst.Incoming(ctx, uri))
			emulator.Must(t, parked.SetParameters(ctx, fast))
			if capability {
				emulator.Must(t, parked.MigrateTo(ctx, uri))
			} else if said := human(t, parked, "migrate -d -b "+uri); said != "" {
				t.Fatalf("parked: migrate: %s", said)
			}
			for _, e := range []*emulator.Emulator{parked, dst} {
				_, err := e.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
			}
			goesOn(t, dst)
			for _, e := range []*emulator.Emulator{src, parked, dst} {
				emulator.Must(t, e.Stop())
			}
			for _, path := range []string{here, to} {
				emulator.Img(t, "7.2", "compare", from, path) // which fails where they differ
				emulator.Img(t, "7.2", "check", "-q", path)
				if owned := clusters(t, path); capability && owned > 1<<20 || !capability && owned < 2<<20 {
					t.Errorf("%s has %d bytes of its own", path, owned)
				}
			}
		})
	}
}

// clusters is how many bytes an image keeps itself that its guest can see.
func clusters(t *testing.T, path string) (n int64) {
	t.Helper()
	for line := range strings.Lines(emulator.Img(t, "10.0", "map", "-f", "qcow2", path)) {
		var off, length, at int64
		var file string
		if c, _ := fmt.Sscanf(line, "%v %v %v %s", &off, &length, &at, &file); c == 4 && file == path {
			n += length
		}
	}
	return n
}
