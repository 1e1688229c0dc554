package interop

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// The threads that a source tells of are threads of its process, and bear the names that it tells, ours as QEMU's.
func TestMigrationThreads(t *testing.T) {
	for _, p := range []emulator.Program{emulator.NeedServer(t), emulator.NeedQEMU(t, "10.0")} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			machine := "memtest,workload=idle"
			if p.QEMU {
				machine = "none"
			}
			args := []string{"-machine", machine, "-m", "16M", "-nodefaults", "-name", "vm,debug-threads=on"}
			src := emulator.Launch(t, p, "source", args...)
			dst := emulator.Launch(t, p, "destination", append(args, "-incoming", "defer")...)
			for _, e := range []*emulator.Emulator{src, dst} {
				emulator.Must(t, e.SetCapabilities(ctx, "multifd", "pause-before-switchover"))
				emulator.Must(t, e.SetParameters(ctx, map[string]any{"multifd-channels": 2}))
			}
			emulator.Must(t, emulator.Unix().Migrate(ctx, src, dst))
			_, err := src.WaitMigration(ctx, "pre-switchover")
			emulator.Must(t, err)
			var threads []struct {
				Name string `json:"name"`
				ID   int    `json:"thread-id"`
			}
			emulator.Must(t, src.Execute(ctx, "query-migrationthreads", nil, &threads))
			var names []string
			for _, thread := range threads {
				names = append(names, thread.Name)
				name, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/comm", src.PID(), thread.ID))
				emulator.Must(t, err)
				if got := strings.TrimSpace(string(name)); got != thread.Name {
					t.Errorf("thread %d is called %s, not %s", thread.ID, got, thread.Name)
				}
			}
			slices.Sort(names) // lanes begin in any order
			if got := strings.Join(names, " "); got != "mig/src/main mig/src/send_0 mig/src/send_1" {
				t.Errorf("threads %s", got)
			}
			emulator.Must(t, src.Execute(ctx, "migrate-continue", map[string]any{"state": "pre-switchover"}, nil))
			_, err = src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			if p.QEMU { // its threads end behind that
				emulator.Must(t, src.WaitCleanedUp(ctx))
			}
			emulator.Must(t, src.Execute(ctx, "query-migrationthreads", nil, &threads))
			if len(threads) != 0 {
				t.Errorf("threads that are left: %v", threads)
			}
		})
	}
}
