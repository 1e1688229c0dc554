package conduct

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// counted plays a source whose passes go by, one at every look, until it is
// told to go on in postcopy.
func counted(c *couple, after ...string) (passes *int) {
	passes = new(int)
	c.from.on["query-migrate"] = func(map[string]any) (any, error) {
		if !c.from.begun() {
			return nil, nil
		}
		*passes++
		c.from.mu.Lock()
		defer c.from.mu.Unlock()
		answer := c.from.next().(map[string]any)
		answer["ram"].(map[string]any)["dirty-sync-count"] = *passes
		return answer, nil
	}
	c.from.on["migrate-start-postcopy"] = func(map[string]any) (any, error) {
		c.from.mu.Lock()
		defer c.from.mu.Unlock()
		c.from.statuses, c.from.at = after, 0
		return struct{}{}, nil
	}
	return passes
}

func TestPostcopy(t *testing.T) {
	for name, tc := range map[string]struct {
		when   Postcopy
		within time.Duration
	}{
		"pass": {Postcopy{Pass: 4}, 500 * time.Millisecond},
		"time": {Postcopy{After: 2 * time.Second}, 2500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCouple([]string{"setup", "active"}, slices.Repeat([]string{"active"}, 30))
				c.to.statuses = append(c.to.statuses, StatusCompleted)
				passes := counted(c, "device", "postcopy-active", StatusCompleted)
				var committed []string
				result, err := c.migrate(t, t.Context(), Options{URI: "unix:/x", Postcopy: &tc.when,
					OnProgress: func(p Progress) {
						if p.Committed {
							committed = append(committed, p.Status)
						}
					}})
				if err != nil || !slices.Contains(c.src.asked(), "migrate-start-postcopy") {
					t.Fatalf("%v; source was asked %q", err, c.src.asked())
				}
				if strings.Join(slices.Compact(committed), " ") != "device postcopy-active completed" {
					t.Errorf("committed in %q", committed)
				}
				if tc.when.Pass > 0 && *passes < 4 || result.Elapsed < tc.when.After {
					t.Errorf("switched after %v and %d passes", result.Elapsed, *passes)
				}
			})
		})
	}
}

// A guest that runs at the destination is not called back, whoever wants it.
func TestPostcopyIsNotCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active"}, slices.Repeat([]string{"active"}, 30))
		c.to.statuses = append(c.to.statuses, StatusCompleted)
		counted(c, slices.Repeat([]string{"postcopy-active"}, 20)...)
		c.from.on["migrate-start-postcopy"](nil)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() {
			cancel(errInterrupted)
			c.from.mu.Lock()
			c.from.statuses, c.from.at = []string{"postcopy-active", StatusCompleted}, 0
			c.from.mu.Unlock()
		})
		_, err := c.migrate(t, ctx, Options{URI: "unix:/x"})
		if err != nil || slices.Contains(c.src.asked(), "migrate_cancel") {
			t.Errorf("%v; source was asked %q", err, c.src.asked())
		}
	})
}

func TestPostcopyFails(t *testing.T) {
	for name, tc := range map[string]struct {
		source []string
		want   string
	}{
		"paused": {[]string{"postcopy-active", "postcopy-paused: Broken pipe"},
			"the migration failed: " + errPaused.Error() + "; source: Broken pipe; destination: active"},
		"nothing moves": {[]string{"postcopy-active"},
			"the migration failed: nothing moved for 1m0s (status of the source: postcopy-active, of the destination: active); source: postcopy-active; destination: active"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCouple(append([]string{"active"}, tc.source...), []string{"active"})
				_, err := c.migrate(t, t.Context(), Options{URI: "unix:/x"})
				if err == nil || err.Error() != tc.want {
					t.Errorf("error is %v", err)
				}
				if slices.Contains(c.src.asked(), "migrate_cancel") || slices.Contains(c.dst.asked(), "quit") {
					t.Errorf("asked was %q and %q", c.src.asked(), c.dst.asked())
				}
			})
		})
	}
}

func TestPostcopyIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active"}, []string{"active"})
		c.from.on["migrate-start-postcopy"] = refuses("Enable postcopy first")
		_, err := c.migrate(t, t.Context(), Options{URI: "unix:/x", Postcopy: &Postcopy{}})
		if err == nil || err.Error() != "the migration was cancelled: source: migrate-start-postcopy: Enable postcopy first" {
			t.Errorf("error is %v", err)
		}
	})
}

// With pause-before-switchover the source is told to go on, once.
func TestSwitchover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active", "pre-switchover", "pre-switchover", "device", StatusCompleted}, []string{"active", StatusCompleted})
		told := 0
		c.from.on["migrate-continue"] = func(args map[string]any) (any, error) {
			told++
			if args["state"] != "pre-switchover" {
				t.Errorf("told was %v", args)
			}
			return struct{}{}, nil
		}
		if _, err := c.migrate(t, t.Context(), Options{URI: "unix:/x"}); err != nil || told != 1 {
			t.Errorf("%v; told %d times", err, told)
		}
	})
}

// Who does not want to wait for a cancelled migration does not have to.
func TestAbandon(t *testing.T) {
	for name, arrange := range map[string]func(c *couple){
		"source does not cancel": func(c *couple) {
			c.from.on["migrate_cancel"] = func(map[string]any) (any, error) { return struct{}{}, nil }
		},
		"source does not answer": func(c *couple) {
			c.from.on["migrate_cancel"] = func(map[string]any) (any, error) { return nil, errSilence }
		},
		"setting up": func(c *couple) {
			c.to.on["migrate-incoming"] = func(map[string]any) (any, error) { return nil, errSilence }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCouple([]string{"active"}, []string{"active"})
				arrange(c)
				abandon := make(chan struct{})
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(errInterrupted) })
				time.AfterFunc(2*time.Second, func() { close(abandon) })
				begin := time.Now()
				_, err := c.migrate(t, ctx, Options{URI: "unix:/x", Abandon: abandon})
				if !errors.Is(err, ErrAbandoned) || time.Since(begin) > 2*time.Second {
					t.Errorf("after %v: %v", time.Since(begin), err)
				}
				if f := (*Failure)(nil); name != "setting up" && (!errors.As(err, &f) || f.Headline() != "the migration was left alone: nobody waits for its end any more") {
					t.Errorf("error is %v", err)
				}
			})
		})
	}
}

func TestDifferences(t *testing.T) {
	a := traits{"pc-i440fx-10.0", "256 MiB", "2", nil}
	for want, pair := range map[string][2]traits{
		"": {a, a},
		"machine: pc-i440fx-10.0 on the source, memtest on the destination":                                       {a, {"memtest", "256 MiB", "2", nil}},
		"memory: 256 MiB on the source, 128 MiB on the destination, vCPUs: 2 on the source, 1 on the destination": {a, {"pc-i440fx-10.0", "128 MiB", "1", nil}},
		"multifd: on on the source, off on the destination, tls-creds: set on the source, not set on the destination": {
			{settings: map[string]string{"multifd": "on", "tls-creds": "set", "multifd-channels": "4", "xbzrle": "on"}},
			{settings: map[string]string{"multifd": "off", "tls-creds": "not set", "multifd-channels": "2", "xbzrle": "off"}}},
		"multifd-channels: 4 on the source, 2 on the destination": {
			{settings: map[string]string{"multifd": "on", "multifd-channels": "4"}},
			{settings: map[string]string{"multifd": "on", "multifd-channels": "2"}}},
	} {
		if got := strings.Join(differences(pair[0], pair[1]), ", "); got != want {
			t.Errorf("%q is not %q", got, want)
		}
	}
	if got := differences(a, traits{"adopt", "1 MiB", "", nil}); got != nil {
		t.Errorf("adopting: %q", got)
	}
	if got := differences(a, traits{}); got != nil {
		t.Errorf("unknown: %q", got)
	}
}
