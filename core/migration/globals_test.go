package migration

import (
	"testing"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
)

// typed is a machine of which only the type counts.
type typed struct {
	guest.Machine
	name string
}

func (n typed) Configuration() *savevm.Configuration { return &savevm.Configuration{Machine: n.name} }

func TestGlobals(t *testing.T) {
	for name, want := range map[string]Globals{
		"memtest":         {true, false, true, true, true, 18},
		"pc-i440fx-10.0":  {true, false, true, true, true, 18},
		"pc-q35-9.2":      {true, false, true, true, false, 18},
		"pc-i440fx-2.3":   {false, false, false, false, false, 18},
		"no-version-here": {true, false, true, true, true, 18},
	} {
		m, host := newStill()
		host.machine = typed{name: name}
		if got := m.Globals(); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	m, host := newStill()
	host.machine = typed{name: "pc-q35-9.2"}
	m.OnlyMigratable()
	for property, value := range map[string]string{
		"send-switchover-start": "on", "store-global-state": "off", "x-clear-bitmap-shift": "20",
	} {
		if err := m.SetProperty(property, value); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := m.Globals(), (Globals{false, true, true, true, true, 20}); got != want {
		t.Errorf("with properties: %+v, want %+v", got, want)
	}
}
