package conduct

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// The demonstration as it is told to be: all of it, in both versions of QEMU.
func TestDemo(t *testing.T) {
	server := emulator.NeedServer(t)
	for _, version := range []string{"7.2", "10.0"} {
		t.Run(version, func(t *testing.T) {
			qemu := emulator.NeedQEMU(t, version)
			t.Setenv("TMPDIR", t.TempDir())
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			begin := time.Now()
			exit, err := emulator.Run(ctx, server, t.TempDir(), "demo", "--qemu", qemu.Path)
			emulator.Must(t, err)
			t.Logf("took %v", time.Since(begin))
			if exit.Status != 0 || !demoShape.MatchString(exit.Output) {
				t.Errorf("status %d\n%s", exit.Status, exit.Output)
			}
			if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

var demoShape = regexp.MustCompile(`   verified     the guest ran on, and all of its 131072 pages are what it wrote

2\. A guest of a real QEMU is parked in qmpmigrate, and goes on in another QEMU

   QEMU \d+\.\d+\.\d+ +prints A[A-Z]{7,}
   parked       in .+: 3\d MiB of guest, held in a process of \d+ MiB
   moved on     in .+
   QEMU \d+\.\d+\.\d+ +prints [A-Z]{8,}
   verified     no letter lost or repeated, and all 32 MiB of memory are equal at both ends

Both shown and checked in \d+\.\d s$`)
