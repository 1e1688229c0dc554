package disks

import (
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// An image that its user has left to others stays theirs while no disk is in it: the VM goes on without it, also after a
// migration that came to nothing.
func TestImagesOfOthers(t *testing.T) {
	s, others := newSet(t), newSet(t)
	g := s.Graph()
	path := imageFile(t, 64<<10)
	add(t, s, `{"driver": "file", "node-name": "early", "active": false, "filename": "`+path+`"}`)
	add(t, s, `{"driver": "raw", "node-name": "over", "active": false, "file": "early"}`)
	later := imageFile(t, 64<<10)
	add(t, s, `{"driver": "file", "node-name": "later", "filename": "`+later+`"}`)
	all := func(active bool) func() error {
		return func() error { return s.BlockdevSetActive(t.Context(), &qapi.BlockdevSetActiveArgs{Active: active}) }
	}
	if err := s.BlockdevSetActive(t.Context(), &qapi.BlockdevSetActiveArgs{NodeName: new("later")}); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]string{"first": path, "second": later} {
		add(t, others, `{"driver": "file", "node-name": "`+name+`", "filename": "`+at+`"}`)
	}
	for _, step := range []struct {
		name   string
		do     func() error
		active bool // n0 and n1
	}{
		{"the VM goes on", g.Activate, true},
		{"all are wanted", all(true), true},
		{"a migration", g.Inactivate, false},
		{"that came to nothing", g.Activate, true},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		for name, want := range map[string]bool{"n0": step.active, "n1": step.active, "early": false, "over": false, "later": false} {
			if got := !g.Node(name).Inactive(); got != want {
				t.Errorf("%s: %s is active: %v", step.name, name, got)
			}
		}
	}
	// Which ones all are is what disks are in.
	if err := all(false)(); err != nil || !g.Node("n0").Inactive() || g.Node("n1").Inactive() {
		t.Errorf("all, but for what no disk is in: %v", err)
	}
	if g.Attach("over", "dev", &block.Stats{}); g.Activate() == nil {
		t.Error("the image of a disk is not taken")
	}
}
