package migration

import (
	"slices"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/migration/links"
	"qmpmigrate/qapi"
)

// slowTeller is a host whose event of a failed migration takes its time.
type slowTeller struct {
	still
	ended chan struct{} // gets a value when the first migration has failed, before its event is out
	mu    sync.Mutex
	told  []qapi.MigrationStatus
}

func (h *slowTeller) Report(string) {}

func (h *slowTeller) Emit(e qapi.Event) {
	status := e.(*qapi.MigrationEvent).Status
	if status == qapi.MigrationStatusFailed {
		select {
		case h.ended <- struct{}{}:
			time.Sleep(100 * time.Millisecond)
		default:
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, status)
}

// Whoever sees that a migration has failed may begin the next one at once: its events come behind those of the first.
func TestEventsOfTwoMigrationsInOrder(t *testing.T) {
	h := &slowTeller{ended: make(chan struct{}, 1)}
	h.state, h.machine = qapi.RunStateRunning, whole{}
	m := New(h)
	enable(t, m, "events")
	start := func() {
		said(t, "start", m.Start(&qapi.MigrateArgs{URI: new("unix:/nonexistent/x")}, links.Files{}), "")
	}
	start()
	<-h.ended
	if s := m.status(); s != qapi.MigrationStatusFailed {
		t.Fatalf("it is %s", s)
	}
	start()
	for m.busy() {
		time.Sleep(time.Millisecond)
	}
	m.Close()
	const setup, failed = qapi.MigrationStatusSetup, qapi.MigrationStatusFailed
	if want := []qapi.MigrationStatus{setup, failed, setup, failed}; !slices.Equal(h.told, want) {
		t.Errorf("events %v", h.told)
	}
}
