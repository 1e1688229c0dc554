package colo

import (
	"strings"
	"testing"
)

// Every status and every step: what is not listed leads nowhere.
func TestEveryStep(t *testing.T) {
	names := []string{"request", "begin", "loading", "loaded", "done"}
	if len(names) != int(steps) {
		t.Fatal("a step has no name")
	}
	var rows []string
	for from := None; from <= Relaunch; from++ {
		row := from.String() + ":"
		for on := range steps {
			if to, ok := transitions()[edge{from, on}]; ok {
				row += " " + names[on] + "=" + to.String()
			}
		}
		rows = append(rows, row)
	}
	const want = `none: request=require
require: begin=active
active: loading=relaunch done=completed
completed:
relaunch: loaded=none`
	if got := strings.Join(rows, "\n"); got != want {
		t.Errorf("%s", got)
	}
}

func TestFailover(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(f *Failover)
		want Status
	}{
		"nobody asked":         {func(f *Failover) { f.Begin(); f.Done() }, None},
		"asked":                {func(f *Failover) { _ = f.Request() }, Require},
		"under way":            {func(f *Failover) { _ = f.Request(); f.Begin() }, Active},
		"over":                 {func(f *Failover) { _ = f.Request(); f.Begin(); f.Done() }, Completed},
		"a checkpoint loads":   {func(f *Failover) { f.Loading(true); _ = f.Request() }, Relaunch},
		"and is loaded":        {func(f *Failover) { f.Loading(true); _ = f.Request(); f.Loading(false) }, Require},
		"nobody asked it":      {func(f *Failover) { f.Loading(true); f.Loading(false) }, None},
		"loaded, and then all": {func(f *Failover) { f.Loading(true); _ = f.Request(); f.Loading(false); f.Begin(); f.Done() }, Completed},
	} {
		f := NewFailover()
		c.do(f)
		if got := f.Status(); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		asked := c.want != None
		if f.Asked() != asked {
			t.Errorf("%s: asked is %v", name, f.Asked())
		}
		if err := f.Request(); asked && err != ErrActivated || !asked && err != nil {
			t.Errorf("%s: once more: %v", name, err)
		}
	}
}
