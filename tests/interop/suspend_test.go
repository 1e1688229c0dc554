package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// sleeping starts the usual test guest, told to suspend itself: on a real QEMU, or as our own.
func sleeping(t *testing.T, p emulator.Program, name, machine string, extra ...string) *emulator.Emulator {
	t.Helper()
	args, err := emulator.SuspendingGuestArgs(t.TempDir(), machine)
	emulator.Must(t, err)
	if !p.QEMU {
		// What harnesses give: an image of nothing but the sector.
		sector := filepath.Join(t.TempDir(), "bootsect")
		emulator.Must(t, os.WriteFile(sector, emulator.SuspendingBootSector(), 0o600))
		args = []string{"-machine", machine, "-m", "150", "-nodefaults", "-drive", "file=" + sector + ",format=raw"}
	}
	return emulator.Launch(t, p, name, append(args, extra...)...)
}

func suspended(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	_, err := e.Monitor.WaitEvent(t.Context(), 0, "SUSPEND", nil)
	emulator.Must(t, err)
	inState(t, e, "suspended")
}

func inState(t *testing.T, e *emulator.Emulator, want string) {
	t.Helper()
	state, err := e.RunState(t.Context())
	emulator.Must(t, err)
	if state != want {
		t.Fatalf("%s is %s, not %s", e.Name, state, want)
	}
}

// wakes wakes a guest up that has come here asleep: it starts anew, and does not sleep again.
func wakes(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	if text := e.Serial(); text != "" {
		t.Errorf("a sleeping guest printed %q", text)
	}
	emulator.Must(t, e.Execute(ctx, "system_wakeup", nil, nil))
	_, err := e.Monitor.WaitEvent(ctx, 0, "WAKEUP", nil)
	emulator.Must(t, err)
	emulator.Must(t, e.WaitSerial(ctx, "B", 2))
	if text := e.Serial(); !strings.HasPrefix(text, "ABB") {
		t.Errorf("after its wake-up the guest printed %q", text)
	}
}

// A suspended guest of a real QEMU is taken in, and wakes up in another one. QEMU 7.2 wakes its guest up to migrate
// it, and says that it runs; ours passes on what it said.
func TestSuspendedThroughAdopt(t *testing.T) {
	for from, want := range map[string]string{"10.0": "suspended", "7.2": "running"} {
		t.Run(from, func(t *testing.T) {
			machine := "pc-i440fx-" + from
			src := sleeping(t, emulator.NeedQEMU(t, from), "source", machine)
			dst := sleeping(t, emulator.NeedQEMU(t, from), "destination", machine, "-incoming", "defer")
			middle := emulator.Launch(t, emulator.NeedServer(t), "middle", "-machine", "adopt", "-incoming", "defer")
			suspended(t, src)
			move(t, emulator.Unix(), src, middle)
			inState(t, middle, "paused")
			move(t, emulator.Unix(), middle, dst)
			inState(t, dst, want)
			if want == "suspended" {
				wakes(t, dst)
			}
		})
	}
}

// Our own guest does the same, live or stopped by its user.
func TestSuspendedPair(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		t.Run(fmt.Sprint("stopped=", stopped), func(t *testing.T) {
			ctx := t.Context()
			src := sleeping(t, emulator.NeedServer(t), "source", "pc-q35-10.0")
			dst := sleeping(t, emulator.NeedServer(t), "destination", "pc-q35-10.0", "-incoming", "defer")
			suspended(t, src)
			if stopped {
				emulator.Must(t, src.Execute(ctx, "stop", nil, nil))
			}
			move(t, emulator.TCP(), src, dst)
			if stopped {
				inState(t, dst, "paused")
				emulator.Must(t, dst.Execute(ctx, "cont", nil, nil))
			}
			inState(t, dst, "suspended")
			wakes(t, dst)
		})
	}
}

// conversation is what a sleeping guest's machine is asked, in order.
var conversation = strings.Fields(`system_powerdown cont stop stop system_wakeup cont system_wakeup system_wakeup
	stop system_reset system_wakeup cont`)

// Word by word, what a real QEMU says and what ours says to the same commands.
func TestSleepersTalkAlike(t *testing.T) {
	var scripts [2]string
	for i, p := range []emulator.Program{emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)} {
		e := sleeping(t, p, "sleeper", "pc-i440fx-10.0")
		suspended(t, e)
		var script strings.Builder
		seen := len(e.Monitor.Events())
		for _, command := range conversation {
			err := e.Execute(t.Context(), command, nil, nil)
			if err != nil {
				text, _, _ := strings.Cut(err.Error(), "\n")
				_, text, _ = strings.Cut(text, "): ")
				script.WriteString(command + " failed: " + text + "\n")
			}
			state, err := e.RunState(t.Context())
			emulator.Must(t, err)
			fmt.Fprintf(&script, "%s: %s", command, state)
			for _, event := range e.Monitor.Events()[seen:] {
				seen++
				// The firmware of a real PC takes its time to find out that nothing waits for it.
				if !strings.Contains(event.String(), "guest-reset") {
					script.WriteString(" " + event.String())
				}
			}
			script.WriteString("\n")
		}
		scripts[i] = script.String()
	}
	if scripts[0] != scripts[1] {
		t.Errorf("a real QEMU:\n%s\nours:\n%s", scripts[0], scripts[1])
	}
}

// Under a limit of 3 MB/s and 1 ms the usual test guest writes too fast; without it, it arrives.
func TestSweepConvergesWhenAllowed(t *testing.T) {
	ctx := t.Context()
	args := []string{"-machine", "q35,", "-m", "8", "-nodefaults"}
	src := emulator.Launch(t, emulator.NeedServer(t), "source", args...)
	dst := emulator.Launch(t, emulator.NeedServer(t), "destination", append(args, "-incoming", "defer")...)
	emulator.Must(t, src.WaitBooted(ctx))
	emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 3000000, "downtime-limit": 1}))
	emulator.Must(t, emulator.Unix().Migrate(ctx, src, dst))
	_, err := src.WaitMigrationUntil(ctx, "in its third pass", func(m emulator.Migration) bool {
		return m.Status == "active" && m.RAM.SyncCount >= 3
	})
	emulator.Must(t, err)
	inState(t, src, "running")
	emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 1000000000, "downtime-limit": 30000}))
	for _, e := range []*emulator.Emulator{src, dst} {
		_, err := e.WaitMigration(ctx, "completed")
		emulator.Must(t, err)
	}
	emulator.Must(t, dst.WaitSerial(ctx, "B", 2))
	if text := dst.Serial(); strings.Trim(text, "B") != "" {
		t.Errorf("guest printed %q after it was moved", text)
	}
}
