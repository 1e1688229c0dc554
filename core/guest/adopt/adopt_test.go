package adopt

import (
	"errors"
	"strings"
	"testing"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
)

var _ guest.Machine = (*Machine)(nil)

const description = `{"page_size": 4096, "devices": [{"name": "timer", "instance_id": 0, "vmsd_name": "timer", "version": 1,
	"fields": [{"name": "ticks", "type": "int32", "size": 4}]}]}`

func TestTakesWhatComes(t *testing.T) {
	m := New()
	defer m.Close()
	if !errors.Is(m.Loaded(), ErrEmpty) || !errors.Is(m.Start(), ErrEmpty) {
		t.Error("an empty machine says that it is there")
	}
	if err := m.Configure(&savevm.Configuration{Machine: "any-1.0"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pc.ram", "0000:00:02.0/vga.rom"} {
		if _, err := m.Block(name, 4*memory.PageSize); err != nil {
			t.Fatal(err)
		}
	}
	state, ok := m.Device("timer", 0)
	if !ok {
		t.Fatal("a device was refused")
	}
	state.(*savevm.Opaque).Body = []byte{0, 0, 0, 1}
	if again, _ := m.Device("timer", 0); again != state {
		t.Error("a section that comes twice makes two devices")
	}
	if err := m.Describe([]byte(description)); err != nil {
		t.Fatal(err)
	}
	if m.Loaded() != nil || string(m.Description()) != description || m.Configuration().Machine != "any-1.0" ||
		len(m.Blocks()) != 2 || len(m.Devices()) != 1 {
		t.Errorf("%v, %d blocks, %d devices", m, len(m.Blocks()), len(m.Devices()))
	}
	if !errors.Is(m.Start(), ErrCannotRun) {
		t.Error("it runs")
	}
}

func TestRefusesWhatDoesNotFit(t *testing.T) {
	m := New()
	defer m.Close()
	if _, err := m.Block("odd", 5); err == nil {
		t.Error("a block of 5 bytes")
	}
	state, _ := m.Device("timer", 0)
	state.(*savevm.Opaque).Body = []byte{0, 0, 0, 1, 2}
	for text, want := range map[string]string{"": "Expected vmdescription section", description: "1 bytes are left over", "{": "vmdescription"} {
		if err := m.Describe([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if m.Loaded() == nil {
		t.Error("it is there nevertheless")
	}
}
