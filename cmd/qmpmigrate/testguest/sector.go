// Package testguest is a guest that fits into a boot sector: what a real QEMU
// runs in demonstrations. It counts in letters, so that anybody sees whether it
// goes on where it was: a guest that started anew would say A again.
package testguest

import "slices"

const (
	// First is where the guest begins to write memory, End where it stops; it
	// counts in the first word of every page in between.
	First = 0x100000
	End   = 0x1100000

	// diskSize is what a BIOS takes for a disk that it can boot from.
	diskSize   = 1 << 20
	sectorSize = 512
)

// Disk is the image of a disk from which an x86 PC boots the guest. It prints
// the alphabet to the first serial port, over and over, some nine letters a
// second, and writes memory all the time.
func Disk() []byte { return append(sector(), make([]byte, diskSize-sectorSize)...) }

// sector is machine code for 0000:7c00, where a BIOS puts it. Everything that
// the guest knows is in registers and in the memory that it counts in: it needs
// no stack, no interrupts, no devices but the serial port and the timer.
func sector() []byte {
	code := slices.Concat(
		// To 32 bit and flat addresses, because real mode ends at 1 MiB.
		[]byte{0xfa},                         // 00 cli
		[]byte{0x31, 0xc0},                   // 01 xor ax, ax
		[]byte{0x8e, 0xd8},                   // 03 mov ds, ax
		[]byte{0xe4, 0x92},                   // 05 in al, 92h: the gate of address line 20 ...
		[]byte{0x0c, 0x02},                   // 07 or al, 2: ... must be open, or odd megabytes are even ones
		[]byte{0xe6, 0x92},                   // 09 out 92h, al
		[]byte{0x0f, 0x01, 0x16, 0x60, 0x7c}, // 0b lgdt [7c60h]
		[]byte{0x0f, 0x20, 0xc0},             // 10 mov eax, cr0
		[]byte{0x0c, 0x01},                   // 13 or al, 1
		[]byte{0x0f, 0x22, 0xc0},             // 15 mov cr0, eax
		[]byte{0xea, 0x1d, 0x7c, 0x08, 0x00}, // 18 jmp 8:7c1dh

		[]byte{0x66, 0xb8, 0x10, 0x00}, // 1d mov ax, 10h
		[]byte{0x8e, 0xd8},             // 21 mov ds, ax
		[]byte{0x66, 0xba, 0xf8, 0x03}, // 23 mov dx, 3f8h: the serial port
		[]byte{0xb1, 'A'},              // 27 mov cl, 'A'

		// One letter.
		[]byte{0x88, 0xc8},          // 29 mov al, cl
		[]byte{0xee},                // 2b out dx, al
		[]byte{0xfe, 0xc1},          // 2c inc cl
		[]byte{0x80, 0xf9, 'Z' + 1}, // 2e cmp cl, 'Z' + 1
		[]byte{0x75, 0x02},          // 31 jne 35h
		[]byte{0xb1, 'A'},           // 33 mov cl, 'A'

		// And the time until the next one, which the timer's counter tells: it
		// counts down, and begins anew every 55 ms.
		[]byte{0xb3, 0x02},                         // 35 mov bl, 2
		[]byte{0xbe, 0x00, 0x00, 0x10, 0x00},       // 37 mov esi, First
		[]byte{0xff, 0x06},                         // 3c inc dword [esi]
		[]byte{0x81, 0xc6, 0x00, 0x10, 0x00, 0x00}, // 3e add esi, 4096
		[]byte{0x81, 0xfe, 0x00, 0x00, 0x10, 0x01}, // 44 cmp esi, End
		[]byte{0x72, 0xf0},                         // 4a jb 3ch
		[]byte{0x30, 0xc0},                         // 4c xor al, al
		[]byte{0xe6, 0x43},                         // 4e out 43h, al: latch the counter
		[]byte{0xe4, 0x40},                         // 50 in al, 40h: its low byte ...
		[]byte{0xe4, 0x40},                         // 52 in al, 40h: ... and its high byte
		[]byte{0x38, 0xe8},                         // 54 cmp al, ch
		[]byte{0x88, 0xc5},                         // 56 mov ch, al
		[]byte{0x76, 0xdd},                         // 58 jbe 37h
		[]byte{0xfe, 0xcb},                         // 5a dec bl
		[]byte{0x75, 0xd9},                         // 5c jnz 37h
		[]byte{0xeb, 0xc9},                         // 5e jmp 29h

		[]byte{0x17, 0x00, 0x66, 0x7c, 0x00, 0x00}, // 60 the descriptor table's size and place
		make([]byte, 8), // 66 no segment
		[]byte{0xff, 0xff, 0x00, 0x00, 0x00, 0x9a, 0xcf, 0x00}, // 6e 8: code, 4 GiB from 0
		[]byte{0xff, 0xff, 0x00, 0x00, 0x00, 0x92, 0xcf, 0x00}, // 76 10h: data, likewise
	)
	sector := make([]byte, sectorSize)
	copy(sector, code)
	sector[sectorSize-2], sector[sectorSize-1] = 0x55, 0xaa // what a BIOS looks for
	return sector
}

// Follows says whether a guest that printed before can go on with after: no
// letter lost, none twice.
func Follows(before, after string) bool {
	all := before + after
	for i := range len(all) {
		if all[i] != byte('A'+i%26) {
			return false
		}
	}
	return true
}
