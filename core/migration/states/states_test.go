package states

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

// rows writes a table as it is told to people: for each status, in the order of
// the schema, the steps that lead anywhere and where to. It asks for every
// status and every step, so that what is not listed is refused.
func rows[Step ~int](s Table[Step], steps Step, names []string) string {
	var b strings.Builder
	for _, from := range qapi.MigrationStatusValues() {
		fmt.Fprintf(&b, "%s:", from)
		for on := Step(0); on < steps; on++ {
			if to, ok := s.Next(from, on); ok {
				fmt.Fprintf(&b, " %s=%s", names[on], to)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var (
	sourceNames = strings.Fields("start unplug setup-done pause switchover postcopy lost resume reconnect recovered colo " +
		"snapshot-done stored saved confirmed break cancel quit unwound")
	targetNames = strings.Fields("listen connect postcopy lost reconnect recovered colo loaded break")
)

const sourceRows = `none: start=setup
setup: unplug=wait-unplug setup-done=active stored=completed break=failed cancel=cancelling quit=cancelling
cancelling: confirmed=completed unwound=cancelled
cancelled: start=setup
active: pause=pre-switchover switchover=device snapshot-done=completed break=failed cancel=cancelling quit=cancelling
postcopy-active: lost=postcopy-paused saved=completed confirmed=completed break=failed quit=cancelling
postcopy-paused: resume=postcopy-recover-setup quit=cancelling
postcopy-recover-setup: lost=postcopy-paused reconnect=postcopy-recover quit=cancelling
postcopy-recover: lost=postcopy-paused recovered=postcopy-active quit=cancelling
completed: start=setup
failed: start=setup
colo: saved=completed break=failed cancel=cancelling quit=cancelling
pre-switchover: switchover=device break=failed cancel=cancelling quit=cancelling
device: postcopy=postcopy-active colo=colo saved=completed confirmed=completed break=failed cancel=cancelling quit=cancelling
wait-unplug: setup-done=active break=failed cancel=cancelling quit=cancelling
`

const targetRows = `none: listen=setup
setup: connect=active break=failed
cancelling:
cancelled:
active: postcopy=postcopy-active colo=colo loaded=completed break=failed
postcopy-active: lost=postcopy-paused loaded=completed break=failed
postcopy-paused: reconnect=postcopy-recover
postcopy-recover-setup:
postcopy-recover: lost=postcopy-paused recovered=postcopy-active
completed:
failed:
colo: loaded=completed break=failed
pre-switchover:
device:
wait-unplug:
`

func TestEveryStatusAndStep(t *testing.T) {
	if len(sourceNames) != int(sourceSteps) || len(targetNames) != int(targetSteps) {
		t.Fatal("a step has no name")
	}
	if got := rows(Source(), sourceSteps, sourceNames); got != sourceRows {
		t.Errorf("source:\n%s", got)
	}
	if got := rows(Target(), targetSteps, targetNames); got != targetRows {
		t.Errorf("destination:\n%s", got)
	}
}

// What is under way can be ended; what is over can only start anew.
func TestRunning(t *testing.T) {
	s := Source()
	for _, from := range qapi.MigrationStatusValues() {
		_, starts := s.Next(from, SourceStart)
		_, quits := s.Next(from, SourceQuit)
		_, cancels := s.Next(from, SourceCancel)
		cancelling := from == qapi.MigrationStatusCancelling
		if starts == Running(from) || quits != (Running(from) && !cancelling) {
			t.Errorf("%s: running %v, starts %v, quits %v", from, Running(from), starts, quits)
		}
		if cancels != (quits && !InPostcopy(from)) {
			t.Errorf("%s: in postcopy %v, cancels %v", from, InPostcopy(from), cancels)
		}
	}
}

// Orders of events as QEMU 10.0 has them.
func TestOrders(t *testing.T) {
	for name, c := range map[string]struct{ steps, want string }{
		"precopy":    {"start setup-done switchover saved", "setup active device completed"},
		"pause":      {"start setup-done pause switchover saved", "setup active pre-switchover device completed"},
		"no connect": {"start break", "setup failed"},
		"peer dies":  {"start setup-done break", "setup active failed"},
		"device dies": {"start setup-done pause switchover break unwound",
			"setup active pre-switchover device failed refused"},
		"cancel in setup":  {"start cancel break unwound", "setup cancelling refused cancelled"},
		"cancel in active": {"start setup-done cancel switchover break unwound", "setup active cancelling refused refused cancelled"},
		"cancel in pause":  {"start setup-done pause cancel unwound", "setup active pre-switchover cancelling cancelled"},
		"cancel too late":  {"start setup-done switchover saved cancel", "setup active device completed refused"},
		"cancel unheard":   {"start setup-done switchover cancel confirmed unwound", "setup active device cancelling completed refused"},
		"again":            {"start break start cancel unwound start", "setup failed setup cancelling cancelled setup"},
		"unplug":           {"start unplug setup-done", "setup wait-unplug active"},
		"snapshot":         {"start setup-done snapshot-done", "setup active completed"},
		"colo":             {"start setup-done switchover colo saved start", "setup active device colo completed setup"},
		"cancel in colo":   {"start setup-done switchover colo cancel saved unwound", "setup active device colo cancelling refused cancelled"},
		"postcopy":         {"start setup-done switchover postcopy saved", "setup active device postcopy-active completed"},
		"postcopy after pause": {"start setup-done pause switchover postcopy saved",
			"setup active pre-switchover device postcopy-active completed"},
		"postcopy cannot be cancelled": {"start setup-done switchover postcopy cancel", "setup active device postcopy-active refused"},
		"recovery": {"start setup-done switchover postcopy lost resume lost resume reconnect recovered saved",
			"setup active device postcopy-active postcopy-paused postcopy-recover-setup postcopy-paused " +
				"postcopy-recover-setup postcopy-recover postcopy-active completed"},
	} {
		if got := walk(Source(), sourceNames, c.steps); got != c.want {
			t.Errorf("source, %s: %s", name, got)
		}
	}
	for name, c := range map[string]struct{ steps, want string }{
		"precopy":  {"listen connect loaded", "setup active completed"},
		"garbage":  {"listen connect break listen", "setup active failed refused"},
		"postcopy": {"listen connect postcopy loaded", "setup active postcopy-active completed"},
		"colo":     {"listen connect colo loaded loaded", "setup active colo completed refused"},
		"recovery": {"listen connect postcopy lost reconnect recovered loaded",
			"setup active postcopy-active postcopy-paused postcopy-recover postcopy-active completed"},
	} {
		if got := walk(Target(), targetNames, c.steps); got != c.want {
			t.Errorf("destination, %s: %s", name, got)
		}
	}
}

func walk[Step ~int](s Table[Step], names []string, steps string) string {
	var seen []string
	at := qapi.MigrationStatusNone
	for _, name := range strings.Fields(steps) {
		to, ok := s.Next(at, Step(slices.Index(names, name)))
		if !ok {
			seen = append(seen, "refused")
			continue
		}
		at = to
		seen = append(seen, string(at))
	}
	return strings.Join(seen, " ")
}
