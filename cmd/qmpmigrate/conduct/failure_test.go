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

// How a migration that fails is explained, and how long that takes at most.
func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		name                string
		source, destination []string
		arrange             func(c *couple)
		want                string
		within              time.Duration
		cancelled, quit     bool
	}{
		{
			name:   "both say why",
			source: []string{"active", "failed: Unable to write to socket: Broken pipe"}, destination: []string{"active", "failed: load of migration failed: Size mismatch"},
			want:   "the migration failed: source: Unable to write to socket: Broken pipe; destination: load of migration failed: Size mismatch",
			within: time.Second, quit: true,
		}, {
			name:   "destination says it late",
			source: []string{"failed: Broken pipe"}, destination: []string{"active", "active", "active", "active", "failed: late"},
			want:   "the migration failed: source: Broken pipe; destination: late",
			within: time.Second, quit: true,
		}, {
			name:   "destination never notices",
			source: []string{"failed: Broken pipe"}, destination: []string{"active"},
			want:   "the migration failed: source: Broken pipe; destination: active",
			within: settleTime + time.Second,
		}, {
			name:   "destination is gone",
			source: []string{"active", "failed: Broken pipe"}, destination: []string{"active"},
			arrange: func(c *couple) { c.to.on["query-migrate"] = gone(&c.to, &c.dst) },
			want:    "the migration failed: source: Broken pipe; destination: the QMP connection has ended; its process has probably ended",
			within:  time.Second,
		}, {
			name:   "source does not notice that the destination is gone",
			source: []string{"active"}, destination: []string{"active"},
			arrange: func(c *couple) { c.to.on["query-migrate"] = gone(&c.to, &c.dst) },
			want:    "the migration was cancelled: the destination failed; source: cancelled; destination: the QMP connection has ended; its process has probably ended",
			within:  settleTime + time.Second, cancelled: true,
		}, {
			name:   "source is gone",
			source: []string{"active"}, destination: []string{"active"},
			arrange: func(c *couple) { c.from.on["query-migrate"] = gone(&c.from, &c.src) },
			want:    "the migration failed: source: the QMP connection has ended; its process has probably ended; destination: active",
			within:  settleTime + time.Second,
		}, {
			name:   "source falls silent",
			source: []string{"active"}, destination: []string{"active"},
			arrange: func(c *couple) { c.from.on["query-migrate"] = silent(&c.from) },
			want:    "the migration failed: source: query-migrate: no reply within 10s; destination: active",
			within:  commandTime + settleTime + time.Second,
		}, {
			name:   "cancelled by another",
			source: []string{"active", "cancelling", StatusCancelled}, destination: []string{"active", "failed: load of migration failed: Input/output error"},
			want:   "the migration was cancelled: source: cancelled; destination: load of migration failed: Input/output error",
			within: time.Second, quit: true,
		}, {
			name:   "destination fails after the source's end",
			source: []string{"active", StatusCompleted}, destination: []string{"active", "active", "failed: no such device"},
			want:   "the migration failed: source: completed; destination: no such device; the guest is stopped on source",
			within: time.Second, quit: true,
		}, {
			name:   "nothing moves",
			source: []string{"active"}, destination: []string{"active"},
			want:   "the migration was cancelled: nothing moved for 1m0s (status of the source: active, of the destination: active)",
			within: defaultStall + settleTime + time.Second, cancelled: true,
		}, {
			name:   "destination never completes",
			source: []string{"active", StatusCompleted}, destination: []string{"setup"},
			want:   "the migration failed: nothing moved for 1m0s (status of the source: completed, of the destination: setup); source: completed; destination: setup; the guest is stopped on source",
			within: defaultStall + time.Second, cancelled: true,
		}, {
			name:   "cannot be cancelled",
			source: []string{"active"}, destination: []string{"active"},
			arrange: func(c *couple) { c.from.on["migrate_cancel"] = refuses("no") },
			want:    "the migration failed: nothing moved for 1m0s (status of the source: active, of the destination: active); source: active; destination: active",
			within:  defaultStall + cancelTime + time.Second, cancelled: true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCouple(tc.source, tc.destination)
				if tc.arrange != nil {
					tc.arrange(c)
				}
				begin := time.Now()
				_, err := c.migrate(t, t.Context(), Options{URI: "unix:/x"})
				var failure *Failure
				if !errors.As(err, &failure) || err.Error() != tc.want {
					t.Errorf("error is %v\n     not %s", err, tc.want)
				}
				if took := time.Since(begin); took > tc.within {
					t.Errorf("took %v", took)
				}
				if got := slices.Contains(c.src.asked(), "migrate_cancel"); got != tc.cancelled {
					t.Errorf("source was asked %q", c.src.asked())
				}
				if got := slices.Contains(c.dst.asked(), "quit"); got != tc.quit {
					t.Errorf("destination was asked %q", c.dst.asked())
				}
			})
		})
	}
}

// gone ends the process when the migration that s plays has begun.
func gone(s *script, p **peer) func(map[string]any) (any, error) {
	leave, queries := leaves(p), 0
	return func(args map[string]any) (any, error) {
		if !s.begun() {
			return nil, nil
		}
		if queries++; queries < 3 {
			return nil, nil
		}
		return leave(args)
	}
}

// silent stops to answer when the migration that s plays has begun.
func silent(s *script) func(map[string]any) (any, error) {
	return func(map[string]any) (any, error) {
		if s.begun() {
			return nil, errSilence
		}
		return nil, nil
	}
}

func (s *script) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

func TestKeepDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"failed: no"}, []string{"failed: no"})
		if _, err := c.migrate(t, t.Context(), Options{URI: "unix:/x", KeepDestination: true}); err == nil {
			t.Error("no error")
		}
		if slices.Contains(c.dst.asked(), "quit") {
			t.Error("destination was told to quit")
		}
	})
}

var errInterrupted = errors.New("interrupted")

func TestContextCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(errInterrupted) })
		c := newCouple([]string{"active"}, []string{"active", "active"})
		result, err := c.migrate(t, ctx, Options{URI: "unix:/x"})
		if !errors.Is(err, errInterrupted) || err.Error() != "the migration was cancelled: interrupted" {
			t.Errorf("error is %v", err)
		}
		if result.Status != StatusCancelled || result.Elapsed < 3*time.Second || result.Elapsed > 6*time.Second {
			t.Errorf("result is %+v", result)
		}
	})
}

func TestContextHasEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active"}, []string{"setup"})
		o := Options{Source: c.src.endpoint(t, "source"), Destination: c.dst.endpoint(t, "destination")}
		defer o.Source.Close()
		defer o.Destination.Close()
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errInterrupted)
		_, err := Migrate(ctx, o)
		if !errors.Is(err, errInterrupted) || len(c.src.asked())+len(c.dst.asked()) > 0 {
			t.Errorf("error is %v; asked %q and %q", err, c.src.asked(), c.dst.asked())
		}
	})
}

// A guest that has arrived is not lost because somebody wanted to cancel.
func TestCancelComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := newCouple([]string{"active"}, []string{"active", "active", "active", "active", StatusCompleted})
		c.from.on["migrate_cancel"] = func(map[string]any) (any, error) {
			c.from.mu.Lock()
			defer c.from.mu.Unlock()
			c.from.statuses, c.from.at = []string{StatusCompleted}, 0
			return struct{}{}, nil
		}
		time.AfterFunc(150*time.Millisecond, cancel)
		result, err := c.migrate(t, ctx, Options{URI: "unix:/x"})
		if err != nil || result.RunState != "running" {
			t.Errorf("result is %+v, error %v", result, err)
		}
	})
}

func TestFailureIsOneLine(t *testing.T) {
	f := &Failure{Source: Side{Name: "a"}, Destination: Side{Name: "b", Status: "active"}}
	if text := f.Error(); text != "the migration failed: a: no migration seen; b: active" || strings.Contains(text, "\n") {
		t.Error(text)
	}
}
