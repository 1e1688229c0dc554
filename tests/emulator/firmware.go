package emulator

import "encoding/binary"

const (
	firmwareSize = 64 << 10 // of which the last bytes are at the CPU's first instruction
	firmwareCS   = 0xf000   // segment in which firmware of this size is seen by a CPU that has just started
	firmwareCode = 0x1000   // where in it the code is; the boot sector is at 0
)

// Firmware returns an image for the -bios of QEMU's machine type pc that starts the guest of BootSector at once. It
// needs no disk, prints only where there is a serial port, and goes off when somebody presses the power button.
func Firmware() []byte {
	rom := make([]byte, firmwareSize)
	copy(rom, obedientSector())
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

// The power management of the machine type pc is function 3 of its PCI device 1.
const (
	pciAddress    = 0xcf8
	pciData       = 0xcfc
	powerFunction = 1<<31 | 1<<11 | 3<<8
	powerBase     = 0x40 // its register for the place of its ports
	powerEnable   = 0x80 // and the one that opens them
)

// obedientSector is the guest of BootSector, which looks for the power button between two letters.
func obedientSector() []byte {
	var a assembler
	a.enterProtectedMode()
	a.print('A')
	a.out32(pciAddress, powerFunction|powerBase)
	a.out32(pciData, powerStatus|1)
	a.out32(pciAddress, powerFunction|powerEnable)
	a.out32(pciData, 1)
	a.out16(powerStatus+2, powerButton)
	a.clearPages()
	a.label("letter")
	a.countRounds()
	a.print('B')
	a.emit(0x66, 0xba) // mov dx, powerStatus
	a.word16(powerStatus)
	a.emit(0x66, 0xed)                       // in ax, dx
	a.emit(0xf6, 0xc4, byte(powerButton>>8)) // test ah, powerButton
	a.jump(jumpZero, "letter")               //
	a.out16(powerControl, sleepOff)          //
	a.label("off")                           //
	a.emit(0xf4)                             // hlt
	a.jump(jumpAlways, "off")                //
	a.descriptors()
	return a.bootSector()
}

// out16 writes a word to a port. It changes ax and dx.
func (a *assembler) out16(port, value uint16) {
	a.emit(0x66, 0xba) // mov dx, port
	a.word16(port)
	a.emit(0x66, 0xb8) // mov ax, value
	a.word16(value)
	a.emit(0x66, 0xef) // out dx, ax
}

// out32 writes a double word to a port. It changes eax and dx.
func (a *assembler) out32(port uint16, value uint32) {
	a.emit(0x66, 0xba) // mov dx, port
	a.word16(port)
	a.emit(0xb8) // mov eax, value
	a.word32(value)
	a.emit(0xef) // out dx, eax
}
