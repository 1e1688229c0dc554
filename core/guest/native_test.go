package guest

import (
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
)

// board is a guest with two blocks and a device.
type board struct{ blocks []*memory.Block }

func (b *board) Blocks() []*memory.Block  { return b.blocks }
func (b *board) Devices() []savevm.Device { return []savevm.Device{{IDStr: "own"}} }
func (b *board) Start() error             { return nil }
func (b *board) Stop()                    {}
func (b *board) Close() error             { return nil }

func newBoard(t *testing.T) *board {
	t.Helper()
	b := &board{}
	for _, name := range []string{"ram", "rom"} {
		block, err := memory.New(name, 2*memory.PageSize)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { block.Close() })
		b.blocks = append(b.blocks, block)
	}
	return b
}

func TestNativeComparesConfigurations(t *testing.T) {
	m := Native(newBoard(t), savevm.Configuration{Machine: "pc-1.0"})
	for _, c := range []struct {
		got  savevm.Configuration
		want string
	}{
		{savevm.Configuration{Machine: "pc-1.0"}, ""},
		{savevm.Configuration{Machine: "pc"}, ""},
		{savevm.Configuration{Machine: "pc-1.0", PageBits: 12}, ""},
		{savevm.Configuration{Machine: "pc-1.00"}, "Machine type received is 'pc-1.00' and local is 'pc-1.0'"},
		{savevm.Configuration{Machine: "q35"}, "Machine type received is 'q35' and local is 'pc-1.0'"},
		{savevm.Configuration{Machine: "pc-1.0", PageBits: 14}, "Received TARGET_PAGE_BITS is 14 but local is 12"},
	} {
		err := m.Configure(&c.got)
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%+v: %v", c.got, err)
		}
	}
}

func TestNativeFindsBlocksAndDevices(t *testing.T) {
	b := newBoard(t)
	m := Native(b, savevm.Configuration{Machine: "pc"}, savevm.Device{IDStr: "extra", Instance: 2})
	if got, err := m.Block("rom", 2*memory.PageSize); got != b.blocks[1] || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for want, call := range map[string]func() error{
		"Size mismatch: rom: 0x1000 != 0x2000: Invalid argument": func() error { _, err := m.Block("rom", 4096); return err },
		`Unknown ramblock "vga", cannot accept migration`:        func() error { _, err := m.Block("vga", 4096); return err },
		errNoDescription.Error():                                 func() error { return m.Describe(nil) },
	} {
		if err := call(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for id, want := range map[string]bool{"own": false, "extra": true} {
		if _, ok := m.Device(id, 2); ok != want {
			t.Errorf("%s 2: %v", id, ok)
		}
	}
	if devices := m.Devices(); len(devices) != 2 || devices[1].IDStr != "extra" || m.Loaded() != nil || m.Description() != nil {
		t.Errorf("devices %v", devices)
	}
}
