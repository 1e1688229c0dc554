package testguest

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// What the code does is seen with a real QEMU; here, that it is laid out as its
// addresses say.
func TestDisk(t *testing.T) {
	disk := Disk()
	if len(disk) != diskSize || disk[510] != 0x55 || disk[511] != 0xaa {
		t.Fatal("not a bootable disk")
	}
	le := binary.LittleEndian
	const base = 0x7c00
	table := int(le.Uint16(disk[0x0e:])) - base
	if size, gdt := le.Uint16(disk[table:]), int(le.Uint32(disk[table+2:]))-base; size != 3*8-1 || gdt != table+6 ||
		!bytes.Equal(disk[gdt:gdt+8], make([]byte, 8)) || disk[gdt+8+5] != 0x9a || disk[gdt+16+5] != 0x92 {
		t.Errorf("descriptor table: %x at %x", disk[table:table+32], table)
	}
	if entry := int(le.Uint16(disk[0x19:])) - base; !bytes.Equal(disk[entry:entry+4], []byte{0x66, 0xb8, 0x10, 0}) {
		t.Errorf("32-bit code does not begin at %#x", entry)
	}
	if from, to := le.Uint32(disk[0x38:]), le.Uint32(disk[0x46:]); from != First || to != End {
		t.Errorf("writes from %#x to %#x", from, to)
	}
	// Short jumps: where they are and where they go.
	for at, want := range map[int]int{0x31: 0x35, 0x4a: 0x3c, 0x58: 0x37, 0x5c: 0x37, 0x5e: 0x29} {
		if to := at + 2 + int(int8(disk[at+1])); to != want {
			t.Errorf("jump at %#x goes to %#x, not %#x", at, to, want)
		}
	}
}

func TestFollows(t *testing.T) {
	for _, tc := range []struct {
		before, after string
		want          bool
	}{
		{"", "", true}, {"A", "", true}, {"AB", "CD", true}, {"", "AB", true},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABC", true},
		{"AB", "D", false}, {"AB", "BC", false}, {"AB", "AB", false}, {"B", "C", false}, {"A", "b", false}, {"A", "B\x00", false}, {"[", "", false},
	} {
		if got := Follows(tc.before, tc.after); got != tc.want {
			t.Errorf("%q, then %q: %v", tc.before, tc.after, got)
		}
	}
}
