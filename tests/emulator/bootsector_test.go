package emulator

import "testing"

// What the code does is tested with real QEMU, see guest_test.go.
func TestBootSectorForm(t *testing.T) {
	sector := BootSector()
	if len(sector) != 512 || sector[510] != 0x55 || sector[511] != 0xaa {
		t.Error("not a boot sector")
	}
	// Harnesses that put such a sector on a disk ask by this byte for a guest that suspends itself.
	if sector[0xbe] != 0 {
		t.Error("guest asks to be suspended")
	}
}

func TestAssembler(t *testing.T) {
	var a assembler
	a.label("back")
	a.jump(jumpAlways, "forth")
	a.jump(jumpNotZero, "back")
	a.address16("forth")
	a.label("forth")
	code := a.bootSector()
	for i, want := range []byte{jumpAlways, 4, jumpNotZero, 0xfc, 6, 0x7c} {
		if code[i] != want {
			t.Errorf("byte %d is %#x, not %#x", i, code[i], want)
		}
	}
	for name, wrong := range map[string]func(a *assembler){
		"no label":  func(a *assembler) { a.jump(jumpAlways, "nowhere") },
		"too far":   func(a *assembler) { a.label("x"); a.emit(make([]byte, 200)...); a.jump(jumpAlways, "x") },
		"too large": func(a *assembler) { a.emit(make([]byte, 511)...) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("was accepted")
				}
			}()
			var a assembler
			wrong(&a)
			a.bootSector()
		})
	}
}
