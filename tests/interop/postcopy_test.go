package interop

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A moment is when postcopy is asked for.
type moment struct {
	name    string
	prepare func(t *testing.T, src *emulator.Emulator) // before the migration, if not nil
	reached func(emulator.Migration) bool
}

// moments are those of every test of postcopy: before much was sent, when all was sent once, and when what is left will
// not be written again. The guest writes faster than anything is sent, so for the last it is stopped; that it was does
// not keep it from running at its destination.
func moments() []moment {
	return []moment{
		{
			name:    "at once",
			prepare: hesitate,
			reached: func(m emulator.Migration) bool { return true },
		},
		{name: "after one pass", reached: func(m emulator.Migration) bool { return m.RAM.SyncCount >= 2 }},
		{
			name: "in the last pass",
			prepare: func(t *testing.T, src *emulator.Emulator) {
				emulator.Must(t, src.Execute(t.Context(), "stop", nil, nil))
				emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-bandwidth": 8 << 20})) // seconds to look
			},
			reached: func(m emulator.Migration) bool { return m.RAM.SyncCount > 0 && m.RAM.Remaining < 112<<20 },
		},
	}
}

// hesitate lets src send so little that there is enough left for postcopy, however late the word for it comes.
func hesitate(t *testing.T, src *emulator.Emulator) {
	t.Helper()
	emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-bandwidth": 1 << 20}))
}

// postcopy are the choices of a migration by postcopy.
type postcopy struct {
	moment       moment
	capabilities []string // besides postcopy-ram
	channel      emulator.Channel
	slowly       int // bytes a second of what nobody asks for, so that the guest has to ask; 0 is no limit
}

// enable sets both ends up.
func (p postcopy) enable(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	for _, e := range []*emulator.Emulator{src, dst} {
		emulator.Must(t, e.SetCapabilities(t.Context(), append([]string{"postcopy-ram"}, p.capabilities...)...))
	}
	// Slow enough that no guest of these tests converges, and that the moments can be met.
	emulator.Must(t, src.SetParameters(t.Context(), map[string]any{
		"max-bandwidth": 128 << 20, "downtime-limit": 1, "max-postcopy-bandwidth": p.slowly}))
}

// begin migrates until postcopy is asked for.
func (p postcopy) begin(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	p.enable(t, src, dst)
	if p.moment.prepare != nil {
		p.moment.prepare(t, src)
	}
	emulator.Must(t, p.channel.Migrate(t.Context(), src, dst))
	_, err := src.WaitMigrationUntil(t.Context(), p.moment.name, p.moment.reached)
	emulator.Must(t, err)
	emulator.Must(t, src.StartPostcopy(t.Context()))
}

// move is the whole of it.
func (p postcopy) move(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	p.begin(t, src, dst)
	arrived(t, src, dst)
}

// arrived waits for the end of a migration that entered postcopy, and checks both ends.
func arrived(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	m, err := src.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
	_, err = dst.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
	state, err := src.SettledState(t.Context())
	emulator.Must(t, err)
	if state != "postmigrate" {
		t.Errorf("%s is %s after its migration", src.Name, state)
	}
	t.Logf("%s to %s: %d ms, downtime %d ms, %d MiB, %d in postcopy, %d passes, %d pages asked for", src.Name, dst.Name,
		m.TotalTime, m.Downtime, m.RAM.Transferred>>20, m.RAM.PostcopyBytes>>20, m.RAM.SyncCount, m.RAM.PostcopyRequests)
	if m.RAM.PostcopyBytes == 0 {
		t.Errorf("%s sent nothing in postcopy", src.Name)
	}
}

// wentOn checks a test guest that runs where it was moved to: it prints B and never another A, and its memory is
// that with which it stopped at its source, but for what it has counted since.
func wentOn(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	emulator.Must(t, dst.WaitSerial(t.Context(), "B", 2))
	if text := dst.Serial(); strings.Trim(text, "B") != "" {
		t.Errorf("guest printed %q after it was moved", text)
	}
	emulator.Must(t, dst.Execute(t.Context(), "stop", nil, nil))
	emulator.Must(t, emulator.SameButCounters(t.Context(), src, dst))
}

// The harness itself: QEMU to QEMU.
func TestPostcopyDirect(t *testing.T) {
	for i, v := range []struct{ from, to, machine string }{
		{"10.0", "10.0", "pc-i440fx-10.0"}, {"7.2", "10.0", "pc-i440fx-7.2"}, {"7.2", "7.2", "pc-i440fx-7.2"},
	} {
		m := moments()[i]
		t.Run(strings.Join([]string{v.from, v.to, m.name}, " "), func(t *testing.T) {
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(t.Context()))
			postcopy{moment: m, channel: emulator.Unix()}.move(t, src, dst)
			wentOn(t, src, dst)
		})
	}
}
