package interop

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A journey is the way of a running test guest from one QEMU to another, directly or through a qmpmigrate
// that adopts the machine in between.
type journey struct {
	from, to string // versions of QEMU
	machine  string // versioned machine type
	devices  []string
	channel  emulator.Channel
	direct   bool // without qmpmigrate
	answered bool // whoever sends waits for the last word of where it goes: capability return-path
	acked    bool // and does not stop a VM before that is ready: capability switchover-ack, on everybody
}

func (j journey) name() string {
	through := "adopt"
	if j.direct {
		through = "direct"
	}
	name := strings.Join([]string{j.from, through, j.to, j.machine, j.channel.Name}, "_")
	if j.devices != nil {
		name += "_devices"
	}
	if j.answered {
		name += "_answered"
	}
	if j.acked {
		name += "_acked"
	}
	return name
}

// capabilities are those of an emulator on the way.
func (j journey) capabilities(sends bool) []string {
	switch {
	case j.acked:
		return []string{"return-path", "switchover-ack"}
	case j.answered && sends:
		return []string{"return-path"}
	}
	return nil
}

// run moves the guest and checks that it arrived unharmed: guest-physical memory is byte for byte what it
// was at the source, and the guest goes on where it was, printing B and never another A.
func (j journey) run(t *testing.T) {
	ctx := t.Context()
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.from), "source", j.machine, j.devices)
	// The destination stays stopped until the memories are compared.
	dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.to), "destination", j.machine, j.devices,
		"-S", "-incoming", "defer")
	emulator.Must(t, src.WaitBooted(ctx))
	emulator.Must(t, src.SetParameters(ctx, fast))
	emulator.Must(t, src.SetCapabilities(ctx, j.capabilities(true)...))
	emulator.Must(t, dst.SetCapabilities(ctx, j.capabilities(false)...))
	if j.direct {
		move(t, j.channel, src, dst)
	} else {
		middle := adopting(t)
		emulator.Must(t, middle.SetCapabilities(ctx, j.capabilities(true)...))
		move(t, j.channel, src, middle)
		emulator.Must(t, middle.SetParameters(ctx, fast))
		move(t, j.channel, middle, dst)
	}
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}

// fast are parameters with which a migration of the test guest completes soon though the guest never stops
// writing.
var fast = map[string]any{"max-bandwidth": int64(10e9), "downtime-limit": 60000}

// move migrates src to dst, waits until both say that they are done, and checks where that leaves them.
func move(t *testing.T, c emulator.Channel, src, dst *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	emulator.Must(t, c.Migrate(ctx, src, dst))
	m, err := src.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	_, err = dst.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	state, err := src.SettledState(ctx)
	emulator.Must(t, err)
	if state != "postmigrate" {
		t.Errorf("%s is %s after its migration", src.Name, state)
	}
	t.Logf("%s to %s over %s: %d ms, downtime %d ms, %d MiB, %d passes",
		src.Name, dst.Name, c, m.TotalTime, m.Downtime, m.RAM.Transferred>>20, m.RAM.SyncCount)
}

// adopting launches a place of ours where a VM can be parked.
func adopting(t *testing.T, extra ...string) *emulator.Emulator {
	t.Helper()
	return emulator.Launch(t, emulator.NeedServer(t), "middle",
		append([]string{"-machine", "adopt", "-nodefaults", "-incoming", "defer"}, extra...)...)
}

// goesOn starts the guest on an emulator that it has migrated to and sees it run.
func goesOn(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	emulator.Must(t, e.Execute(t.Context(), "cont", nil, nil))
	emulator.Must(t, e.WaitSerial(t.Context(), "B", 2))
	if text := e.Serial(); strings.Trim(text, "B") != "" {
		t.Errorf("guest printed %q after it was moved", text)
	}
}
