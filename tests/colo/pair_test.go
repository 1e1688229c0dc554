package colo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// ram is the guests' memory.
const ram = 32 << 20

// pair are two machines in lock step.
type pair struct {
	*testing.T
	primary, secondary *emulator.Emulator
}

// arguments make a guest whose memory proves itself.
func arguments(extra ...string) []string {
	return append([]string{"-machine", "memtest,workload=stress,rate=16M,zero=10", "-m", fmt.Sprint(ram >> 20), "-smp", "2",
		"-nodefaults"}, extra...)
}

// launch starts both ends, checkpoints so many milliseconds apart, and brings them into lock step.
func launch(t *testing.T, delay int, channel emulator.Channel, extra ...string) *pair {
	t.Helper()
	server := emulator.NeedServer(t)
	p := &pair{T: t, primary: emulator.Launch(t, server, "primary", arguments(extra...)...),
		secondary: emulator.Launch(t, server, "secondary", arguments(append(extra, "-incoming", "defer")...)...)}
	for _, e := range []*emulator.Emulator{p.primary, p.secondary} {
		emulator.Must(t, e.SetCapabilities(t.Context(), "events", "x-colo"))
		emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"x-checkpoint-delay": delay, "downtime-limit": 5000}))
	}
	emulator.Must(t, channel.Migrate(t.Context(), p.primary, p.secondary))
	_, err := p.primary.WaitMigration(t.Context(), "colo")
	emulator.Must(t, err)
	_, err = p.secondary.WaitMigration(t.Context(), "colo")
	emulator.Must(t, err)
	return p
}

// patience is what anything gets that must come.
const patience = time.Minute

// checkpoints waits until an end has stood at n checkpoints.
func (p *pair) checkpoints(e *emulator.Emulator, n int) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), patience)
	defer cancel()
	_, err := e.Monitor.WaitEvent(ctx, 0, "STOP", func(emulator.Event) bool { n--; return n < 0 })
	emulator.Must(p, err)
}

// proven checks that every page is what the workload left there.
func (p *pair) proven(e *emulator.Emulator) {
	p.Helper()
	var v struct {
		Pages  int64
		Faulty int64 `json:"faulty-pages"`
		Faults []any
	}
	emulator.Must(p, e.Execute(p.Context(), "x-verify-memory", nil, &v))
	if v.Faulty != 0 || v.Pages != ram/4096 {
		p.Errorf("%s: of %d pages %d are faulty: %v", e.Name, v.Pages, v.Faulty, v.Faults)
	}
}

// exit waits until an end has told why there are no more checkpoints.
func (p *pair) exit(e *emulator.Emulator, want string) {
	p.Helper()
	exits(p.T, e, want)
}

func exits(t *testing.T, e *emulator.Emulator, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	event, err := e.Monitor.WaitEvent(ctx, 0, "COLO_EXIT", nil)
	emulator.Must(t, err)
	var data struct{ Mode, Reason string }
	emulator.Must(t, json.Unmarshal(event.Data, &data))
	if got := data.Mode + " " + data.Reason; got != want {
		t.Errorf("%s: the end was told as %s, want %s", e.Name, got, want)
	}
}

// alone tells an end that the other is lost, and checks that it goes on with the right memory.
func (p *pair) alone(e *emulator.Emulator) {
	p.Helper()
	p.proven(e)
	emulator.Must(p, e.Execute(p.Context(), "x-colo-lost-heartbeat", nil, nil))
	_, err := e.WaitMigration(p.Context(), "completed")
	emulator.Must(p, err)
	state, err := e.RunState(p.Context()) // it is told before the VM goes on, which nobody sees
	emulator.Must(p, err)
	if state != "running" {
		p.Errorf("%s is %s", e.Name, state)
	}
	p.proven(e)
	var status struct {
		Mode, Reason string
		Last         string `json:"last-mode"`
	}
	emulator.Must(p, e.Execute(p.Context(), "query-colo-status", nil, &status))
	if status.Mode != "none" || status.Reason != "request" || status.Last != strings.Fields(e.Name)[0] {
		p.Errorf("%s: %+v", e.Name, status)
	}
}

// draw gives what is random in a test, from a seed that its name makes.
func draw(name string) *rand.Rand {
	var seed uint64
	for _, c := range name {
		seed = seed*31 + uint64(c)
	}
	return rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano())))
}
