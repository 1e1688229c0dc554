package emulator

import (
	"encoding/binary"
	"fmt"
)

// The guest's memory and output, as harnesses for QEMU expect them of their test guest.
const (
	GuestFirst  = 0x100000  // first byte that the guest writes
	GuestEnd    = 0x6400000 // end of the memory that the guest writes
	GuestStride = 0x1000    // it writes byte 0 of each of these
	GuestRounds = 64        // rounds over its memory between two letters B
)

const (
	bootAddress = 0x7c00 // where a BIOS puts a boot sector and jumps to
	bootSize    = 512
	serialPort  = 0x3f8
)

// BootSector returns a disk image of one sector: a guest for x86 PCs that prints A, clears the first byte
// of every page from 1 to 100 MiB, and then increments these bytes, page by page in ascending order, for
// ever; every 64 rounds it prints B. It needs no stack and no interrupts, so all its state is in the
// registers and in the memory that it counts in: a guest that was moved goes on counting, it can not start
// again without printing another A.
func BootSector() []byte {
	var a assembler

	// Real mode, entered by the BIOS at 0:7c00.
	a.emit(0xfa)                   // cli: no interrupt table will exist in protected mode
	a.emit(0x31, 0xc0)             // xor ax, ax
	a.emit(0x8e, 0xd8)             // mov ds, ax: so that the table below is found
	a.emit(0xe4, 0x92)             // in al, 0x92: the chipset's fast A20 gate ...
	a.emit(0x0c, 0x02)             // or al, 2: ... opened, or odd megabytes alias even ones
	a.emit(0xe6, 0x92)             // out 0x92, al
	a.emit(0x0f, 0x01, 0x16)       // lgdt [gdtr]
	a.address16("gdtr")            //
	a.emit(0x0f, 0x20, 0xc0)       // mov eax, cr0
	a.emit(0x0c, 0x01)             // or al, 1: protection enable
	a.emit(0x0f, 0x22, 0xc0)       // mov cr0, eax
	a.emit(0xea)                   // jmp 8:protected, which loads the 32-bit code segment
	a.address16("protected")       //
	a.emit(codeSegment, 0x00)      //
	a.label("protected")           // from here on 32-bit code, flat addresses
	a.emit(0x66, 0xb8)             // mov ax, data segment
	a.emit(dataSegment, 0x00)      //
	a.emit(0x8e, 0xd8)             // mov ds, ax
	a.emit(0x66, 0xba)             // mov dx, serial port's data register
	a.word16(serialPort)           //
	a.emit(0xb0, 'A')              // mov al, 'A'
	a.emit(0xee)                   // out dx, al
	a.emit(0xbe)                   // mov esi, first page
	a.word32(GuestFirst)           //
	a.label("clear")               //
	a.emit(0xc6, 0x06, 0x00)       // mov byte [esi], 0
	a.nextPage("clear")            //
	a.label("letter")              //
	a.emit(0xb3, GuestRounds)      // mov bl, 64
	a.label("round")               //
	a.emit(0xbe)                   // mov esi, first page
	a.word32(GuestFirst)           //
	a.label("page")                //
	a.emit(0xfe, 0x06)             // inc byte [esi]
	a.nextPage("page")             //
	a.emit(0xfe, 0xcb)             // dec bl
	a.jump(jumpNotZero, "round")   //
	a.emit(0xb0, 'B')              // mov al, 'B'
	a.emit(0xee)                   // out dx, al
	a.jump(jumpAlways, "letter")   //
	a.label("gdtr")                // size and place of the descriptor table
	a.word16(3*descriptorSize - 1) //
	a.address16("gdt")             //
	a.word16(0)                    // high half of the place
	a.label("gdt")                 //
	a.emit(make([]byte, 8)...)     // the null descriptor
	a.flatSegment(0x9a)            // 8: code, readable
	a.flatSegment(0x92)            // 16: data, writable
	return a.bootSector()
}

const (
	descriptorSize = 8
	codeSegment    = 1 * descriptorSize
	dataSegment    = 2 * descriptorSize

	jumpAlways  = 0xeb
	jumpBelow   = 0x72
	jumpNotZero = 0x75
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
