// Package law holds that the arrows between the packages point down only, and that a document names what exists.
package law

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "qmpmigrate/"

// allowed lists what the packages below a prefix may import of ours: prefixes
// again. The longest prefix that matches a package counts.
var allowed = map[string][]string{
	"cmd":                 {"cmd", "qmp", "hmp", "qapi", "core", "channels"},
	"qmp":                 {"qmp", "qapi"},
	"hmp":                 {"hmp", "qapi"},
	"qapi":                {"qapi"},
	"channels":            {"channels"},
	"tests":               {"cmd", "qmp", "hmp", "qapi", "core", "channels", "tests"},
	"core":                {"core", "qapi", "channels"},
	"core/wire":           {},
	"core/wire/wiretest":  {"core/wire"},
	"core/trace":          {},
	"core/yank":           {},
	"core/disks":          {"core/block", "qapi"},
	"core/dirtyrate":      {"core/memory"},
	"core/dirtyring":      {"core/guest"},
	"core/job":            {"qapi"},
	"core/memory":         {},
	"core/qom":            {"qapi"},
	"core/object":         {"core/memory", "core/qom", "channels", "qapi"},
	"core/stream":         {},
	"core/vmstate":        {"core/stream", "core/wire"},
	"core/savevm":         {"core/trace", "core/vmstate", "core/stream", "core/wire"},
	"core/inspect":        {"core/vmstate", "core/stream", "core/wire"},
	"core/multifd":        {"core/trace", "core/memory", "core/stream", "core/wire", "channels"},
	"core/xbzrle":         {},
	"core/ram":            {"core/trace", "core/memory", "core/multifd", "core/rdma", "core/xbzrle", "core/stream", "core/wire"},
	"core/postcopy":       {"core/trace", "core/memory", "core/ram", "core/stream", "core/wire"},
	"core/guest":          {"core/guest", "core/savevm", "core/vmstate", "core/memory", "core/stream", "core/wire"},
	"core/device":         {"core/guest", "core/savevm", "core/vmstate", "core/memory", "core/stream", "core/wire", "qapi"},
	"core/machinetype":    {},
	"core/block":          {"core/block"},
	"core/colo":           {"core/memory", "core/stream", "core/wire"},
	"core/dirtybitmap":    {"core/trace", "core/block", "core/stream", "core/wire"},
	"core/blockmigration": {"core/trace", "core/block", "core/stream", "core/wire"},
	"core/announce":       {},
	"core/migration":      {"core/migration", "core/announce", "core/block", "core/blockmigration", "core/colo", "core/dirtybitmap", "core/trace", "core/yank", "core/dirtyring", "core/guest", "core/memory", "core/savevm", "core/postcopy", "core/ram", "core/multifd", "core/rdma", "core/stream", "core/wire", "channels", "qapi"},

	"core/migration/answers":  {"core/savevm", "core/trace", "core/wire", "channels"},
	"core/migration/blockers": {"qapi"},
	"core/migration/links":    {"core/migration/settings", "core/multifd", "core/rdma", "core/trace", "core/wire", "channels", "qapi"},
	"core/migration/rate":     {},
	"core/migration/sections": {"core/guest", "core/savevm"},
	"core/migration/settings": {"core/migration/rate", "core/announce", "core/dirtybitmap", "core/memory", "core/multifd", "core/ram", "core/savevm", "channels", "qapi"},
	"core/migration/states":   {"qapi"},

	"core/rdma":            {"core/rdma", "core/trace", "core/memory", "core/wire", "channels"},
	"core/rdma/verbs":      {"core/rdma/verbs", "channels"},
	"core/memory/uffd":     {},
	"core/snapshot":        {"core/block"},
	"core/guest/child":     {},
	"core/guest/sharedmem": {"core/memory"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestArrowsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		check(t, p)
	}
	if seen < 10 {
		t.Fatalf("only %d packages were looked at", seen)
	}
}

func check(t *testing.T, p pkg) {
	from := strings.TrimPrefix(p.ImportPath, module)
	rule := longest(from)
	for _, path := range p.Imports {
		to, ours := strings.CutPrefix(path, module)
		if !ours {
			if rule == "core/wire" && strings.Contains(path, ".") {
				t.Errorf("%s imports %s: only the standard library is allowed", from, path)
			}
			continue
		}
		ok := false
		for _, prefix := range allowed[rule] {
			ok = ok || below(to, prefix)
		}
		if !ok {
			t.Errorf("%s imports %s: %s may import only %v", from, to, rule, allowed[rule])
		}
	}
}

func longest(path string) (rule string) {
	for prefix := range allowed {
		if below(path, prefix) && len(prefix) > len(rule) {
			rule = prefix
		}
	}
	return rule
}

func below(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}
