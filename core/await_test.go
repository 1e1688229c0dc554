package core

import (
	"fmt"
	"testing"
	"time"

	"qmpmigrate/qapi"
)

// await waits for what a machine tells of its migration, a minute at most.
func await(t *testing.T, m *Machine, what string, reached func(*qapi.MigrationInfo) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		info := m.Migration().Info()
		if reached(info) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not %s: %s", what, info.AppendJSON(nil))
		}
	}
}

// awaitStatus waits for a status, and gives the last reason that was told until then.
func awaitStatus(t *testing.T, m *Machine, want qapi.MigrationStatus) (reason string) {
	t.Helper()
	await(t, m, string(want), func(i *qapi.MigrationInfo) bool {
		if i.ErrorDesc != nil {
			reason = *i.ErrorDesc
		}
		return i.Status != nil && *i.Status == want
	})
	return reason
}

// awaitPages waits until so many pages went whole.
func awaitPages(t *testing.T, m *Machine, pages int64) {
	t.Helper()
	await(t, m, fmt.Sprint("at page ", pages), func(i *qapi.MigrationInfo) bool { return i.RAM != nil && i.RAM.Normal >= pages })
}

// awaitRunning waits until the guest runs, which is a moment after its devices are there.
func awaitRunning(t *testing.T, m *Machine) {
	t.Helper()
	await(t, m, "running", func(*qapi.MigrationInfo) bool { return m.RunState() == qapi.RunStateRunning })
}

// comes gives what comes on a channel, a minute at most.
func comes[T any](t *testing.T, c <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-c:
	case <-time.After(time.Minute):
		t.Fatal("nothing comes")
	}
	return got
}
