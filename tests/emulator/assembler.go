package emulator

import (
	"encoding/binary"
	"fmt"
)

const (
	descriptorSize = 8
	codeSegment    = 1 * descriptorSize
	dataSegment    = 2 * descriptorSize

	jumpAlways  = 0xeb
	jumpBelow   = 0x72
	jumpNotZero = 0x75
	jumpZero    = 0x74
)

// assembler collects machine code and fills in addresses when all labels are known.
type assembler struct {
	code   []byte
	labels map[string]int
	fixups []func()
}

func (a *assembler) emit(b ...byte)  { a.code = append(a.code, b...) }
func (a *assembler) word16(v uint16) { a.code = binary.LittleEndian.AppendUint16(a.code, v) }
func (a *assembler) word32(v uint32) { a.code = binary.LittleEndian.AppendUint32(a.code, v) }

func (a *assembler) label(name string) {
	if a.labels == nil {
		a.labels = map[string]int{}
	}
	a.labels[name] = len(a.code)
}

// padTo fills up with zeros to an offset.
func (a *assembler) padTo(offset int) {
	if len(a.code) > offset {
		panic("boot sector: code is in the way of its flag")
	}
	a.emit(make([]byte, offset-len(a.code))...)
}

func (a *assembler) place(label string) int {
	place, ok := a.labels[label]
	if !ok {
		panic(fmt.Sprintf("boot sector: no label %q", label))
	}
	return place
}

// address16 emits the absolute address of a label.
func (a *assembler) address16(label string) {
	at := len(a.code)
	a.word16(0)
	a.fixups = append(a.fixups, func() {
		binary.LittleEndian.PutUint16(a.code[at:], uint16(bootAddress+a.place(label)))
	})
}

// address32 emits the absolute address of a label for 32-bit code.
func (a *assembler) address32(label string) { a.address32Before(label, 0) }

// address32Before is address32 of some bytes before the label.
func (a *assembler) address32Before(label string, bytes int) {
	at := len(a.code)
	a.word32(0)
	a.fixups = append(a.fixups, func() {
		binary.LittleEndian.PutUint32(a.code[at:], uint32(bootAddress+a.place(label)-bytes))
	})
}

// jump emits a jump with an 8-bit displacement.
func (a *assembler) jump(opcode byte, label string) {
	a.emit(opcode, 0)
	end := len(a.code)
	a.fixups = append(a.fixups, func() {
		distance := a.place(label) - end
		if distance < -128 || distance > 127 {
			panic(fmt.Sprintf("boot sector: %q is too far for a short jump", label))
		}
		a.code[end-1] = byte(int8(distance))
	})
}

// nextPage closes a loop over the guest's pages.
func (a *assembler) nextPage(loop string) {
	a.emit(0x81, 0xc6) // add esi, page size
	a.word32(GuestStride)
	a.emit(0x81, 0xfe) // cmp esi, end
	a.word32(GuestEnd)
	a.jump(jumpBelow, loop)
}

// flatSegment emits a ring-0 segment descriptor of 4 GiB at address 0, with 32-bit default size.
func (a *assembler) flatSegment(access byte) {
	a.emit(0xff, 0xff) // limit, low part, in pages
	a.emit(0, 0, 0)    // base, low part
	a.emit(access)     //
	a.emit(0xcf)       // 4 KiB units, 32 bit, limit's high part
	a.emit(0)          // base, high part
}

// bootSector resolves the labels and returns the code as a sector that a BIOS starts.
func (a *assembler) bootSector() []byte {
	for _, fix := range a.fixups {
		fix()
	}
	sector := make([]byte, bootSize)
	if copy(sector, a.code) < len(a.code) || len(a.code) > bootSize-2 {
		panic("boot sector: code is too long")
	}
	sector[bootSize-2], sector[bootSize-1] = 0x55, 0xaa
	return sector
}

// enterProtectedMode is the start of a boot sector: the BIOS enters it at 0:7c00 in real mode; what follows
// runs as 32-bit code with flat addresses.
func (a *assembler) enterProtectedMode() {
	a.emit(0xfa)              // cli: no interrupt table will exist in protected mode
	a.emit(0x31, 0xc0)        // xor ax, ax
	a.emit(0x8e, 0xd8)        // mov ds, ax: so that the table below is found
	a.emit(0xe4, 0x92)        // in al, 0x92: the chipset's fast A20 gate ...
	a.emit(0x0c, 0x02)        // or al, 2: ... opened, or odd megabytes alias even ones
	a.emit(0xe6, 0x92)        // out 0x92, al
	a.emit(0x0f, 0x01, 0x16)  // lgdt [gdtr]
	a.address16("gdtr")       //
	a.emit(0x0f, 0x20, 0xc0)  // mov eax, cr0
	a.emit(0x0c, 0x01)        // or al, 1: protection enable
	a.emit(0x0f, 0x22, 0xc0)  // mov cr0, eax
	a.emit(0xea)              // jmp 8:protected, which loads the 32-bit code segment
	a.address16("protected")  //
	a.emit(codeSegment, 0x00) //
	a.label("protected")      //
	a.emit(0x66, 0xb8)        // mov ax, data segment
	a.emit(dataSegment, 0x00) //
	a.emit(0x8e, 0xd8)        // mov ds, ax
}

// descriptors is the table that enterProtectedMode needs somewhere in the sector.
func (a *assembler) descriptors() {
	a.label("gdtr")                // its size and place
	a.word16(3*descriptorSize - 1) //
	a.address16("gdt")             //
	a.word16(0)                    // high half of the place
	a.label("gdt")                 //
	a.emit(make([]byte, 8)...)     // the null descriptor
	a.flatSegment(0x9a)            // 8: code, readable
	a.flatSegment(0x92)            // 16: data, writable
}

// print sends a letter out of the serial port. It changes ax and dx.
func (a *assembler) print(letter byte) {
	a.emit(0x66, 0xba) // mov dx, serial port's data register
	a.word16(serialPort)
	a.emit(0xb0, letter) // mov al, letter
	a.emit(0xee)         // out dx, al
}
