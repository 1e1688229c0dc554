package core

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/device/failover"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// carded is a machine with a card that stands in for a primary.
type carded struct {
	*prover
	card *failover.Card

	mu      sync.Mutex
	reports []string

	hear func(qapi.Event) // nil, or hears of events before anybody else does
}

func (c *carded) Emit(e qapi.Event) {
	if c.hear != nil {
		c.hear(e)
	}
	c.events.Emit(e)
}

func newCarded(t *testing.T, conf Config, release time.Duration) *carded {
	t.Helper()
	c := &carded{prover: &prover{events: &record{}}}
	c.card = failover.New(failover.Config{Card: "s0", Primary: "p0", Release: release, Events: c.events})
	conf.Events = c
	conf.Report = func(text string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.reports = append(c.reports, text)
	}
	m, err := NewMemtest(conf, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}, Devices: []guest.Device{c.card}})
	if err != nil {
		t.Fatal(err)
	}
	c.Machine = m
	t.Cleanup(func() { c.Close() })
	if err := c.Launch(); err != nil {
		t.Fatal(err)
	}
	c.enable(t, qapi.MigrationCapabilityEvents)
	return c
}

// shows compares the status, and whether the primary is there.
func (c *carded) shows(t *testing.T, status qapi.MigrationStatus, plugged bool) {
	t.Helper()
	synctest.Wait()
	got := qapi.MigrationStatusNone
	if s := c.Migration().Info().Status; s != nil {
		got = *s
	}
	if got != status || c.card.Plugged() != plugged {
		t.Errorf("%s, plugged in: %v", got, c.card.Plugged())
	}
}

// The primary leaves before anything else of the guest does, and comes to where the guest goes.
func TestPrimaryIsUnplugged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		uri := "file:" + filepath.Join(t.TempDir(), "vm")
		c := newCarded(t, Config{}, 10*time.Second)
		c.shows(t, qapi.MigrationStatusNone, true)
		c.send(t, uri)
		c.shows(t, qapi.MigrationStatusWaitUnplug, true)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if err := c.Migration().Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.shows(t, qapi.MigrationStatusCompleted, false)
		const want = "FAILOVER_NEGOTIATED, MIGRATION setup, UNPLUG_PRIMARY, MIGRATION wait-unplug, MIGRATION active, " +
			"STOP, MIGRATION device, MIGRATION completed"
		if got := c.events.String(); got != "RESUME, "+want && got != want {
			t.Errorf("source told %s", got)
		}
		dst := newCarded(t, Config{Incoming: true}, 0)
		dst.shows(t, qapi.MigrationStatusNone, false)
		if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		if err := dst.Migration().Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		dst.shows(t, qapi.MigrationStatusCompleted, true)
		if got := dst.events.String(); got != "MIGRATION setup, MIGRATION active, FAILOVER_NEGOTIATED, RESUME, MIGRATION completed" {
			t.Errorf("destination told %s", got)
		}
	})
}

// A migration that came to nothing gives the primary back, and the next one begins from there.
func TestPrimaryComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCarded(t, Config{}, 10*time.Second)
		c.send(t, "file:/dev/null")
		c.shows(t, qapi.MigrationStatusWaitUnplug, true)
		if err := c.Migration().Cancel(); err != nil {
			t.Fatal(err)
		}
		// The guest was asked, and must let go first.
		c.shows(t, qapi.MigrationStatusCancelling, true)
		time.Sleep(10 * time.Second)
		c.shows(t, qapi.MigrationStatusCancelled, true)
		c.send(t, "file:/dev/null")
		time.Sleep(20 * time.Second)
		c.shows(t, qapi.MigrationStatusCompleted, false)
	})
}

// A guest that does not let go holds nobody up for ever.
func TestPrimaryStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCarded(t, Config{}, time.Hour)
		c.send(t, "file:/dev/null")
		c.shows(t, qapi.MigrationStatusWaitUnplug, true)
		if err := c.Migration().Cancel(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(29 * time.Second)
		c.shows(t, qapi.MigrationStatusCancelling, true)
		time.Sleep(2 * time.Second)
		c.shows(t, qapi.MigrationStatusCancelled, true)
		const want = "warning: migration: partially unplugged device on failure"
		if !slices.Contains(c.reports, want) {
			t.Errorf("reported %q", c.reports)
		}
		c.send(t, "file:/dev/null")
		c.shows(t, qapi.MigrationStatusWaitUnplug, true)
		if err := c.conf.Yank.Cut([]yank.Instance{{Kind: yank.Migration}}); err != nil {
			t.Fatal(err)
		}
		c.shows(t, qapi.MigrationStatusFailed, true)
		c.send(t, "file:/dev/null")
		c.shows(t, qapi.MigrationStatusWaitUnplug, true)
		began := time.Now()
		c.Close()
		if took := time.Since(began); took != 0 {
			t.Errorf("the end of the machine took %v", took)
		}
	})
}

// Whoever hears that a migration came to nothing may begin the next one: the primary is back by then.
func TestPrimaryIsBackBeforeTheStatus(t *testing.T) {
	for _, end := range []qapi.MigrationStatus{qapi.MigrationStatusFailed, qapi.MigrationStatusCancelled} {
		t.Run(string(end), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCarded(t, Config{}, 0)
				back := make(chan bool, 1)
				c.hear = func(e qapi.Event) {
					if m, ok := e.(*qapi.MigrationEvent); ok && m.Status == end {
						back <- c.card.Plugged()
					}
				}
				if end == qapi.MigrationStatusFailed {
					c.send(t, "file:/dev/full")
				} else {
					c.enable(t, qapi.MigrationCapabilityPauseBeforeSwitchover)
					c.send(t, "file:/dev/null")
					c.shows(t, qapi.MigrationStatusPreSwitchover, false)
					if err := c.Migration().Cancel(); err != nil {
						t.Fatal(err)
					}
				}
				if !<-back {
					t.Error("it is not")
				}
				c.shows(t, end, true)
			})
		})
	}
}
