package machinetype

import (
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"pc": "pc-i440fx-10.0", "q35": "pc-q35-10.0", "pc-i440fx-2.4": "pc-i440fx-2.4", "pc-q35-4.0.1": "pc-q35-4.0.1",
		"none": "none", "memtest": "memtest", "adopt": "adopt", "qmpmigrate": "qmpmigrate-1.0", "qmpmigrate-1.0": "qmpmigrate-1.0",
	} {
		if got, ok := Find(name); !ok || got.Name != want {
			t.Errorf("%s is %q", name, got.Name)
		}
	}
	for _, name := range []string{"", "microvm", "isapc", "pc-i440fx-2.3", "pc-i440fx-10.1", "pc-i440fx-4.0.1", "pc-q35"} {
		if got, ok := Find(name); ok {
			t.Errorf("%q is %s", name, got.Name)
		}
	}
}

func TestTypes(t *testing.T) {
	seen := map[string]bool{}
	var defaults int
	for _, m := range All() {
		for _, name := range []string{m.Name, m.Alias} {
			if name != "" && seen[name] {
				t.Errorf("%s twice", name)
			}
			seen[name] = true
		}
		if m.Default {
			defaults++
		}
		if _, ok := m.version(); ok != m.PC {
			t.Errorf("%s has a version: %v", m.Name, ok)
		}
	}
	if defaults != 1 {
		t.Errorf("%d defaults", defaults)
	}
	if !strings.Contains(Help(), "\nq35                  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)\n") {
		t.Error(Help())
	}
}

func TestCompats(t *testing.T) {
	for name, want := range map[string]int{
		"pc-q35-10.0": 0, "pc-q35-9.2": 2, "pc-i440fx-9.0": 2, "pc-i440fx-8.2": 3, "pc-q35-8.1": 3, "pc-q35-8.0": 4,
		"pc-i440fx-7.2": 5, "pc-q35-4.0.1": 5, "memtest": 0, "qmpmigrate": 0,
	} {
		m, _ := Find(name)
		if got := m.Compats(); len(got) != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestProperties(t *testing.T) {
	pc, _ := Find("pc")
	none, _ := Find("none")
	names := func(list []Property) (names []string) {
		for _, p := range list {
			names = append(names, p.Name)
		}
		return names
	}
	if got := names(pc.Properties()); !slices.Contains(got, "vmport") || len(got) != 41 {
		t.Errorf("%d: %v", len(got), got)
	}
	if got := names(none.Properties()); slices.Contains(got, "vmport") || len(got) != 22 {
		t.Errorf("%d: %v", len(got), got)
	}
	if memtest, _ := Find("memtest"); memtest.Properties() != nil {
		t.Error("memtest has a pc's properties")
	}
}
