package migration

import (
	"context"
	"errors"
	"testing"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
)

// A return path that breaks while the VM is handed over breaks the link, or the migration before: never a migration
// whose VM is its destination's.
func TestReturnPathBreaksAtHandOver(t *testing.T) {
	for name, gone := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			m, _ := newStill()
			o, err := m.newOutgoing(channels.Address{})
			if err != nil {
				t.Fatal(err)
			}
			defer o.cancel(nil)
			conn := newWall(func([]byte) error { return nil })
			told := make(chan struct{})
			o.m.steps.Lock() // as commit does
			go func() {
				defer close(told)
				o.lost(conn, links.ErrHungUp)
			}()
			time.Sleep(20 * time.Millisecond)
			o.mu.Lock()
			o.handed = gone
			o.mu.Unlock()
			if o.ctx.Err() != nil {
				t.Error("it ends in the middle of a step")
			}
			o.m.steps.Unlock()
			<-told
			if cut := errors.Is(context.Cause(o.ctx), links.ErrHungUp); cut == gone {
				t.Errorf("it ends: %v", cut)
			}
			if _, err := conn.Write(nil); gone && err == nil {
				t.Error("the link is there")
			}
		})
	}
}
