package conduct

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
)

func TestMigrate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"setup", "active", "active", "device", StatusCompleted},
			[]string{"setup", "setup", "active", StatusCompleted})
		var uri, seen []string
		c.from.on["migrate"] = func(args map[string]any) (any, error) {
			uri = append(uri, args["uri"].(string))
			return nil, nil
		}
		result, err := c.migrate(t, t.Context(), Options{
			Capabilities:     map[string]bool{"return-path": true},
			Parameters:       map[string]any{"max-bandwidth": 1 << 30},
			SourceParameters: map[string]any{"downtime-limit": 100},
			OnProgress:       func(p Progress) { seen = append(seen, p.Status+"/"+p.DestinationStatus) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if result.RunState != "running" || result.Status != StatusCompleted || result.Total != 1<<20 {
			t.Errorf("result is %+v", result)
		}
		if !slices.Equal(uri, []string{"tcp:127.0.0.1:4711"}) {
			t.Errorf("the source was told %q", uri)
		}
		if want := []string{"setup/setup", "active/active", "active/completed", "device/completed", "completed/completed"}; !slices.Equal(seen, want) {
			t.Errorf("progress was %q, not %q", seen, want)
		}
		if got := strings.Join(c.src.asked(), " "); got != "migrate-set-capabilities migrate-set-capabilities migrate-set-parameters query-migrate-capabilities query-migrate-parameters migrate" {
			t.Errorf("source was asked: %s", got)
		}
		if got := strings.Join(c.dst.asked(), " "); got != "migrate-set-capabilities migrate-set-capabilities migrate-set-parameters query-migrate-capabilities query-migrate-parameters migrate-incoming query-status" {
			t.Errorf("destination was asked: %s", got)
		}
	})
}

// A QEMU 7.2 says that it has completed before it tells how long it took.
func TestFiguresComeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{StatusCompleted}, []string{StatusCompleted})
		asked := 0
		c.from.on["query-migrate"] = func(map[string]any) (any, error) {
			answer := map[string]any{"status": StatusCompleted, "ram": map[string]any{"total": 1 << 20}}
			if asked++; asked > 3 {
				answer["total-time"], answer["downtime"] = 48, 5
			}
			return answer, nil
		}
		result, err := c.migrate(t, t.Context(), Options{URI: "unix:/x"})
		if err != nil {
			t.Fatal(err)
		}
		if result.TotalTime != 48*time.Millisecond || result.Downtime != 5*time.Millisecond {
			t.Errorf("result is %+v", result)
		}
	})
}

// What was set on one side only is not set on the other, and wins over what is
// for both.
func TestParametersOfEachSide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{StatusCompleted}, []string{StatusCompleted})
		got := map[string]map[string]any{}
		note := func(side string) func(map[string]any) (any, error) {
			return func(args map[string]any) (any, error) { got[side] = args; return nil, nil }
		}
		c.from.on["migrate-set-parameters"], c.to.on["migrate-set-parameters"] = note("source"), note("destination")
		both := map[string]any{"max-bandwidth": 1, "multifd-channels": 2}
		_, err := c.migrate(t, t.Context(), Options{
			URI:                   "unix:/x",
			Parameters:            both,
			SourceParameters:      map[string]any{"max-bandwidth": 5},
			DestinationParameters: map[string]any{"tls-creds": "t0"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := got["source"]; len(s) != 2 || s["max-bandwidth"] != 5.0 {
			t.Errorf("source has %v", s)
		}
		if d := got["destination"]; len(d) != 3 || d["max-bandwidth"] != 1.0 {
			t.Errorf("destination has %v", d)
		}
		if len(both) != 2 || both["max-bandwidth"] != 1 {
			t.Errorf("the caller's map was changed: %v", both)
		}
	})
}

// Events reach the caller, and one that tells of a change is acted upon at once.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active", StatusCompleted}, []string{"active", "active", StatusCompleted})
		var events []string
		result, err := c.migrate(t, t.Context(), Options{
			URI: "unix:/x",
			OnProgress: func(p Progress) {
				if p.Status == "active" {
					c.dst.events <- qmp.Event{Event: "RESUME"}
					c.src.events <- qmp.Event{Event: "MIGRATION", Data: map[string]any{"status": StatusCompleted}}
					synctest.Wait() // the endpoints have them
				}
			},
			OnEvent: func(e Event) { events = append(events, e.Endpoint+" "+e.Name) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if result.Elapsed != 0 {
			t.Errorf("the end was seen after %v", result.Elapsed)
		}
		slices.Sort(events)
		if want := []string{"destination RESUME", "source MIGRATION"}; !slices.Equal(events, want) {
			t.Errorf("events are %q", events)
		}
	})
}

// Peers that do not know what is only a convenience are no failure.
func TestOldPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active", StatusCompleted}, []string{"setup", "active", StatusCompleted})
		c.from.on["migrate-set-capabilities"] = refuses("Parameter 'capability' does not accept value 'events'")
		c.to.on["migrate-incoming"] = func(args map[string]any) (any, error) {
			if _, ok := args["exit-on-error"]; ok {
				return nil, errors.New("Parameter 'exit-on-error' is unexpected")
			}
			return nil, nil
		}
		if _, err := c.migrate(t, t.Context(), Options{}); err != nil {
			t.Error(err)
		}
	})
}

// copies is a source on which an earlier copy of the VM left its capability on.
func copies(map[string]any) (any, error) {
	return []any{map[string]any{"capability": copyingCapability, "state": true}}, nil
}

// Who asks for a copy gets one.
func TestCopyThatIsWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{StatusCompleted}, []string{StatusCompleted})
		c.from.on["query-migrate-capabilities"] = copies
		if _, err := c.migrate(t, t.Context(), Options{SourceCapabilities: map[string]bool{copyingCapability: true}, URI: "unix:/x"}); err != nil {
			t.Error(err)
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name    string
		arrange func(c *couple)
		options Options
		want    string
	}{
		{"capability", func(c *couple) { c.to.on["migrate-set-capabilities"] = refuses("no such thing") },
			Options{Capabilities: map[string]bool{"multifd": true}},
			"destination: migrate-set-capabilities: no such thing"},
		{"parameter", func(c *couple) { c.from.on["migrate-set-parameters"] = refuses("out of range") },
			Options{Parameters: map[string]any{"max-bandwidth": 1}},
			"source: migrate-set-parameters: out of range"},
		{"incoming", func(c *couple) {
			c.to.on["migrate-incoming"] = refuses("The incoming migration has already been started")
		},
			Options{URI: "unix:/x"},
			"destination: migrate-incoming: The incoming migration has already been started"},
		{"migrate", func(c *couple) { c.from.on["migrate"] = refuses("There's a migration process in progress") },
			Options{URI: "unix:/x"},
			"source: migrate: There's a migration process in progress"},
		{"exec", func(*couple) {}, Options{URI: "exec:cat"},
			"destination: 'exec:cat' cannot be for both sides: a URI for the source is needed too"},
		{"a copy", func(c *couple) { c.from.on["query-migrate-capabilities"] = copies }, Options{},
			"source: background-snapshot is on: the VM would stay there and be at the destination too; set it off, or on where that is wanted"},
		{"gone", func(c *couple) { c.from.on["migrate-set-capabilities"] = leaves(&c.src) }, Options{},
			"source: migrate-set-capabilities: the QMP connection has ended"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCouple([]string{"active"}, []string{"setup"})
				tc.arrange(c)
				_, err := c.migrate(t, t.Context(), tc.options)
				if want := "the migration was not started: " + tc.want; err == nil || err.Error() != want {
					t.Errorf("error is %v, not %s", err, want)
				}
			})
		})
	}
}

// A destination that was started with an address is not told where to listen.
func TestListensAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple([]string{"active", StatusCompleted}, []string{"setup", "active", StatusCompleted})
		c.to.started = true
		var uri any
		c.from.on["migrate"] = func(args map[string]any) (any, error) { uri = args["uri"]; return nil, nil }
		if _, err := c.migrate(t, t.Context(), Options{}); err != nil {
			t.Fatal(err)
		}
		if uri != "tcp:127.0.0.1:4711" || slices.Contains(c.dst.asked(), "migrate-incoming") {
			t.Errorf("source got %v, destination was asked %q", uri, c.dst.asked())
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(nil)
		e := p.endpoint(t, "only")
		defer e.Close()
		for _, o := range []Options{{}, {Source: e}, {Destination: e}, {Source: e, Destination: e}} {
			if _, err := Migrate(context.Background(), o); err == nil {
				t.Errorf("%+v was accepted", o)
			}
		}
	})
}
