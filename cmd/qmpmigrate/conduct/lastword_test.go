package conduct

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
)

// A source waits for the last word of its destination, where that can come and
// its user has not decided otherwise, and is left as it was where it keeps its VM.
func TestSourceWaitsForTheLastWord(t *testing.T) {
	both := []string{"true", "false"}
	off := map[string]bool{returnPathCapability: false}
	for name, c := range map[string]struct {
		on      []string // what is on at the source
		refused bool
		options Options
		fails   bool
		want    []string // what return-path is set to
	}{
		"moved":         {options: Options{URI: "tcp:127.0.0.1:0"}, want: both[:1]},
		"failed":        {options: Options{URI: "unix:/x"}, fails: true, want: both},
		"refused":       {options: Options{URI: "unix:/x"}, refused: true, fails: true, want: both[:1]},
		"decided":       {options: Options{URI: "unix:/x", SourceCapabilities: off}, fails: true, want: both[1:]},
		"on already":    {on: []string{returnPathCapability}, options: Options{URI: "unix:/x"}, fails: true},
		"a copy":        {on: []string{copyingCapability}, options: Options{URI: "unix:/x", Capabilities: map[string]bool{copyingCapability: true}}},
		"in lock step":  {on: []string{"x-colo"}, options: Options{URI: "unix:/x"}},
		"one way":       {options: Options{URI: "exec:cat >x", SourceURI: "exec:cat x"}},
		"one way there": {options: Options{URI: "unix:/x", SourceURI: "file:x"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := StatusCompleted
				if c.fails {
					end = StatusFailed
				}
				m := newCouple([]string{"active", end}, []string{"setup", "active", end})
				var got []string
				m.from.on["query-migrate-capabilities"] = func(map[string]any) (any, error) {
					var list []any
					for _, name := range []string{returnPathCapability, copyingCapability, "x-colo"} {
						list = append(list, map[string]any{"capability": name, "state": slices.Contains(c.on, name)})
					}
					return list, nil
				}
				m.from.on["migrate-set-capabilities"] = func(args map[string]any) (any, error) {
					for _, one := range args["capabilities"].([]any) {
						if set := one.(map[string]any); set["capability"] == returnPathCapability {
							if got = append(got, fmt.Sprint(set["state"])); c.refused {
								return nil, fmt.Errorf("not with something else")
							}
						}
					}
					return nil, nil
				}
				if _, err := m.migrate(t, t.Context(), c.options); (err != nil) != c.fails {
					t.Error(err)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("return-path is set to %v", got)
				}
			})
		})
	}
}
