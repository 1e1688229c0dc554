package interop

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A dialogue is one conversation with a pair of the same kind, two QEMUs or two of ours, and what they said
// that the other kind has to say, too.
type dialogue struct {
	*testing.T
	program  emulator.Program
	machine  []string // arguments that make the same machine at both ends
	src, dst *emulator.Emulator
	said     []string
}

// name is what a side is called, whoever it is.
func (d *dialogue) name(e *emulator.Emulator) string {
	if e == d.src {
		return "source"
	}
	return "destination"
}

// say keeps a line of the conversation.
func (d *dialogue) say(format string, a ...any) { d.said = append(d.said, fmt.Sprintf(format, a...)) }

// start launches the source, and the destination with arguments of its own.
func (d *dialogue) start(dst ...string) {
	d.Helper()
	d.src = emulator.Launch(d, d.program, "source", d.machine...)
	d.dst = emulator.Launch(d, d.program, "destination", append(append([]string{}, d.machine...), append(dst, "-incoming", "defer")...)...)
	for _, e := range []*emulator.Emulator{d.src, d.dst} {
		emulator.Must(d, e.SetCapabilities(d.Context(), "events"))
	}
}

// migrate begins a migration over a unix socket.
func (d *dialogue) migrate() {
	d.Helper()
	emulator.Must(d, emulator.Unix().Migrate(d.Context(), d.src, d.dst))
}

// hold makes the source so slow that it stays active.
func (d *dialogue) hold() {
	d.Helper()
	emulator.Must(d, d.src.SetParameters(d.Context(), map[string]any{"max-bandwidth": 5000}))
}

// try executes a command and keeps what it is answered.
func (d *dialogue) try(e *emulator.Emulator, command string, args any) {
	d.Helper()
	err := e.Monitor.Execute(d.Context(), command, args, nil)
	if err == nil {
		d.say("%s: %s: ok", d.name(e), command)
		return
	}
	d.say("%s: %s", d.name(e), err)
}

// reach waits for a status, and keeps which keys are told in it.
func (d *dialogue) reach(e *emulator.Emulator, status string) {
	d.Helper()
	_, err := e.WaitMigration(d.Context(), status)
	emulator.Must(d, err)
	d.keys(e)
}

// underWay waits until both ends are active: a destination is so before its source has sent the setup.
func (d *dialogue) underWay() {
	d.Helper()
	for _, e := range []*emulator.Emulator{d.src, d.dst} {
		d.reach(e, "active")
		emulator.Must(d, e.WaitTold(d.Context()))
	}
}

// keys keeps what query-migrate tells, without the numbers, and the run state.
func (d *dialogue) keys(e *emulator.Emulator) {
	d.Helper()
	var info map[string]any
	emulator.Must(d, e.Execute(d.Context(), "query-migrate", nil, &info))
	text := fmt.Sprint(slices.Sorted(maps.Keys(info)))
	if ram, ok := info["ram"].(map[string]any); ok {
		text += fmt.Sprint(" ram ", slices.Sorted(maps.Keys(ram)))
	}
	d.say("%s: %v %s %s", d.name(e), info["status"], d.state(e, info["status"]), text)
	if desc, ok := info["error-desc"]; ok && e == d.src {
		d.say("%s: %v", d.name(e), desc)
	}
}

// state is the run state that goes with a status. QEMU tells of the end of a migration a moment before the VM
// leaves the state that it was in until then.
func (d *dialogue) state(e *emulator.Emulator, status any) string {
	d.Helper()
	over := status == "completed" || status == "failed" || status == "cancelled"
	for range 10000 {
		state, err := e.RunState(d.Context())
		emulator.Must(d, err)
		if !over || state != "finish-migrate" {
			return state
		}
	}
	d.Fatalf("%s stays in finish-migrate", d.name(e))
	return ""
}

// instances keeps whether a migration can be yanked.
func (d *dialogue) instances(e *emulator.Emulator) {
	d.Helper()
	var list []struct{ Type string }
	emulator.Must(d, e.Execute(d.Context(), "query-yank", nil, &list))
	d.say("%s: can be yanked: %v", d.name(e), slices.ContainsFunc(list, func(i struct{ Type string }) bool { return i.Type == "migration" }))
}

// events keeps the events that came to e, in their order. How many passes a source makes while it is active
// is not compared, only that all are numbered as they should be.
func (d *dialogue) events(e *emulator.Emulator) {
	d.Helper()
	emulator.Must(d, e.WaitTold(d.Context()))
	var names []string
	pass := 0
	for _, event := range e.Monitor.Events() {
		var data struct {
			Status string
			Pass   int
		}
		if len(event.Data) > 0 {
			emulator.Must(d, json.Unmarshal(event.Data, &data))
		}
		switch event.Name {
		case "MIGRATION":
			names = append(names, data.Status)
			if data.Status == "setup" {
				pass = 0
			}
		case "MIGRATION_PASS":
			if pass++; data.Pass != pass {
				d.Errorf("%s: pass %d after %d", e.Name, data.Pass, pass-1)
			}
			if last := len(names) - 1; names[last] != "pass" && names[last] != "active" {
				names = append(names, "pass")
			}
		default:
			names = append(names, event.Name)
		}
	}
	d.say("%s: %s", d.name(e), strings.Join(names, ", "))
}

// ends waits for the end of a process and keeps its status.
func (d *dialogue) ends(e *emulator.Emulator) {
	d.Helper()
	exit, err := e.Wait(d.Context())
	emulator.Must(d, err)
	d.say("%s: exit status %d", d.name(e), exit.Status)
}

// both holds the conversation with QEMU 10.0 and with ours, and compares.
func both(t *testing.T, talk func(d *dialogue)) {
	t.Helper()
	qemu := &dialogue{T: t, program: emulator.NeedQEMU(t, "10.0"),
		machine: []string{"-accel", "tcg", "-machine", "pc-i440fx-10.0", "-m", "64", "-nodefaults"}}
	talk(qemu)
	ours := &dialogue{T: t, program: emulator.NeedServer(t),
		machine: []string{"-machine", "memtest,workload=idle", "-m", "64", "-nodefaults"}}
	talk(ours)
	want, got := strings.Join(qemu.said, "\n"), strings.Join(ours.said, "\n")
	if want != got {
		t.Errorf("QEMU says\n%s\nand we say\n%s", want, got)
	}
	t.Log("\n" + want)
}
