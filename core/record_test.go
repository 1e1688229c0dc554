package core

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qmpmigrate/qapi"
)

// record keeps the names of the events in their order.
type record struct {
	mu   sync.Mutex
	list []string
	more chan struct{} // closed with the next event, where somebody waits
}

func (r *record) Emit(e qapi.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := e.EventName()
	if m, ok := e.(*qapi.MigrationEvent); ok {
		name += " " + string(m.Status)
	}
	if x, ok := e.(*qapi.COLOExitEvent); ok {
		name += " " + string(x.Mode) + " " + string(x.Reason)
	}
	if name != "MIGRATION_PASS" {
		r.list = append(r.list, name)
	}
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
}

// await returns when an event of that name has come.
func (r *record) await(t *testing.T, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		r.mu.Lock()
		if slices.Contains(r.list, name) {
			r.mu.Unlock()
			return
		}
		if r.more == nil {
			r.more = make(chan struct{})
		}
		more := r.more
		r.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			t.Fatalf("no %s after %s", name, r)
		}
	}
}

// count is how often an event has come whose text begins so.
func (r *record) count(name string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range r.list {
		if strings.HasPrefix(text, name) {
			n++
		}
	}
	return n
}

// forget makes await look only at what comes from now on.
func (r *record) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.list, ", ")
}
