package memtest

import (
	"bytes"
	"testing"

	"qmpmigrate/core/memory"
)

func TestPhys(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 4 * memory.PageSize})
	ram := m.Blocks()[0]
	ram.StartLog()
	text := []byte("across a border")
	if err := m.WritePhys(2*memory.PageSize-4, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if err := m.ReadPhys(2*memory.PageSize-4, got); err != nil || !bytes.Equal(got, text) {
		t.Errorf("read %q, %v", got, err)
	}
	dirty := memory.NewBitmap(4)
	ram.SyncLog(dirty)
	for n := range uint64(4) {
		if want := n == 1 || n == 2; dirty.Get(n) != want || ram.Populated(n) != want {
			t.Errorf("page %d: dirty %v, populated %v", n, dirty.Get(n), ram.Populated(n))
		}
	}
}

func TestPhysBounds(t *testing.T) {
	const size = 4 * memory.PageSize
	m := newMachine(t, Config{RAMSize: size})
	for _, c := range []struct {
		addr uint64
		n    int
		ok   bool
	}{
		{0, size, true}, {size - 1, 1, true}, {size, 0, true}, {5, 0, true},
		{size, 1, false}, {size - 1, 2, false}, {1, size, false}, {^uint64(0), 1, false}, {^uint64(0), 0, false},
	} {
		if err := m.ReadPhys(c.addr, make([]byte, c.n)); (err == nil) != c.ok {
			t.Errorf("read 0x%x, %d: %v", c.addr, c.n, err)
		}
		if err := m.WritePhys(c.addr, make([]byte, c.n)); (err == nil) != c.ok {
			t.Errorf("write 0x%x, %d: %v", c.addr, c.n, err)
		}
	}
	err := m.ReadPhys(0x4000, make([]byte, 8))
	if err == nil || err.Error() != "no memory at guest-physical 0x4000 to 0x4008" {
		t.Errorf("%v", err)
	}
}

func BenchmarkReadPhys(b *testing.B) {
	m := newMachine(b, Config{RAMSize: 1 << 20})
	var p [1]byte
	b.ReportAllocs()
	for b.Loop() {
		_ = m.ReadPhys(0x400, p[:])
	}
}
