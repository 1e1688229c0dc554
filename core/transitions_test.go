package core

import (
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

// Every pair of states is either in this list or refused.
func TestTransitions(t *testing.T) {
	want := map[qapi.RunState]string{
		"debug":          "prelaunch finish-migrate running suspended",
		"inmigrate":      "internal-error io-error paused postmigrate prelaunch finish-migrate running shutdown suspended watchdog guest-panicked colo",
		"internal-error": "paused prelaunch finish-migrate",
		"io-error":       "prelaunch finish-migrate running",
		"paused":         "postmigrate prelaunch finish-migrate running suspended colo",
		"postmigrate":    "prelaunch finish-migrate running",
		"prelaunch":      "inmigrate finish-migrate running suspended",
		"finish-migrate": "internal-error io-error paused postmigrate prelaunch running shutdown suspended watchdog guest-panicked colo",
		"restore-vm":     "prelaunch running suspended",
		"running":        "debug internal-error io-error paused finish-migrate restore-vm save-vm shutdown suspended watchdog guest-panicked colo",
		"save-vm":        "running suspended",
		"shutdown":       "paused prelaunch finish-migrate colo",
		"suspended":      "paused prelaunch finish-migrate restore-vm running save-vm shutdown colo",
		"watchdog":       "prelaunch finish-migrate running colo",
		"guest-panicked": "prelaunch finish-migrate running",
		"colo":           "prelaunch running shutdown",
	}
	table, states := transitions(), qapi.RunStateValues()
	if len(states) != len(want) {
		t.Fatalf("%d states, %d rows", len(states), len(want))
	}
	for _, from := range states {
		var to []string
		for _, s := range states {
			if table[edge{from, s}] {
				to = append(to, string(s))
			}
			m := &Machine{state: from, transitions: table}
			err := m.become(s)
			if allowed := s == from || table[edge{from, s}]; (err == nil) != allowed || (m.state == s) != allowed {
				t.Errorf("%s -> %s: %v, now %s", from, s, err, m.state)
			}
		}
		if got := strings.Join(to, " "); got != want[from] {
			t.Errorf("%s -> %s\n  want %s", from, got, want[from])
		}
	}
}
