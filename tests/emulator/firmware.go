package emulator

import "encoding/binary"

const (
	firmwareSize = 64 << 10 // of which the last bytes are at the CPU's first instruction
	firmwareCS   = 0xf000   // segment in which firmware of this size is seen by a CPU that has just started
	firmwareCode = 0x1000   // where in it the code is; the boot sector is at 0
)

// Firmware returns an image for a PC's -bios that starts the guest of BootSector at once: it needs no disk, and
// prints only where there is a serial port.
func Firmware() []byte {
	rom := make([]byte, firmwareSize)
	copy(rom, BootSector())
	copy(rom[firmwareCode:], []byte{
		0xfc,                                     // cld
		0xb8, firmwareCS & 0xff, firmwareCS >> 8, // mov ax, firmwareCS
		0x8e, 0xd8, // mov ds, ax
		0x31, 0xf6, // xor si, si
		0x31, 0xc0, // xor ax, ax
		0x8e, 0xc0, // mov es, ax
		0xbf, bootAddress & 0xff, bootAddress >> 8, // mov di, bootAddress
		0xb9, bootSize / 2 & 0xff, bootSize / 2 >> 8, // mov cx, words
		0xf3, 0xa5, // rep movsw
		0xea, bootAddress & 0xff, bootAddress >> 8, 0, 0, // jmp 0:bootAddress
	})
	reset := append([]byte{0xea}, binary.LittleEndian.AppendUint16(nil, firmwareCode)...) // jmp firmwareCS:firmwareCode
	copy(rom[firmwareSize-16:], binary.LittleEndian.AppendUint16(reset, firmwareCS))
	return rom
}
