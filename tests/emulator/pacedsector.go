package emulator

import "fmt"

// The guest of PacedSector leaves alone what is below; above it puts a number into each of its pages.
const pacedFirst = 0x300000

const (
	pitFrequency = 1193182 // Hz of a PC's interval timer
	pacedPages   = 64      // pages of one tick
	// timerVector is where a BIOS leaves the timer's interrupt.
	timerVector = 8
	gateSize    = 8
)

// PacedSector returns a disk image like BootSector with another guest: it puts something into each page of its
// memory, whose size must be a power of two and below 4 GiB, prints AB, and then writes rate bytes of pages a
// second, each page once before any of them again, in an order without order. Between two ticks of its timer its
// CPU has nothing to do.
func PacedSector(memory, rate int64) ([]byte, error) {
	divisor := pitFrequency * pacedPages * GuestStride / rate
	if divisor < 100 || divisor > 65535 {
		return nil, fmt.Errorf("no timer ticks for %d bytes a second", rate)
	}
	var a assembler
	a.enterProtectedMode()
	a.emit(0x8e, 0xd0)       // mov ss, ax
	a.emit(0xbc)             // mov esp, below the sector
	a.word32(bootAddress)    //
	a.emit(0xbe)             // mov esi, first page
	a.word32(pacedFirst)     //
	a.label("fill")          //
	a.emit(0x89, 0x36)       // mov [esi], esi
	a.emit(0x81, 0xc6)       // add esi, page size
	a.word32(GuestStride)    //
	a.emit(0x81, 0xfe)       // cmp esi, end
	a.word32(uint32(memory)) //
	a.jump(jumpBelow, "fill")
	a.print('A')
	a.print('B')
	for _, out := range [][2]byte{
		{0x21, 0xfe}, // of all interrupts only the timer's
		{0xa1, 0xff},
		{0x43, 0x34}, // the timer ticks with this divisor
		{0x40, byte(divisor)},
		{0x40, byte(divisor >> 8)},
	} {
		a.emit(0xb0, out[1], 0xe6, out[0]) // mov al, value; out port, al
	}
	a.emit(0x0f, 0x01, 0x1d) // lidt [idtr]
	a.address32("idtr")      //
	a.emit(0x31, 0xff)       // xor edi, edi
	a.label("tick")          //
	a.emit(0xfb)             // sti
	a.emit(0xf4)             // hlt
	a.emit(0xfa)             // cli
	a.emit(0xb9)             // mov ecx, pages
	a.word32(pacedPages)     //
	a.label("page")          // a generator that comes to each number once
	a.emit(0x69, 0xff)       // imul edi, edi, multiplier
	a.word32(1664525)        //
	a.emit(0x81, 0xc7)       // add edi, increment
	a.word32(1013904223)     //
	a.emit(0x89, 0xfe)       // mov esi, edi
	a.emit(0xc1, 0xe6, 12)   // shl esi, page bits
	a.emit(0x81, 0xe6)       // and esi, size - 1
	a.word32(uint32(memory - 1))
	a.emit(0x81, 0xfe)        // cmp esi, first page
	a.word32(pacedFirst)      //
	a.jump(jumpBelow, "page") //
	a.emit(0xff, 0x06)        // inc dword [esi]
	a.emit(0x49)              // dec ecx
	a.jump(jumpNotZero, "page")
	a.jump(jumpAlways, "tick")
	a.label("timer")                //
	a.emit(0x50)                    // push eax
	a.emit(0xb0, 0x20, 0xe6, 0x20)  // mov al, end of interrupt; out 0x20, al
	a.emit(0x58)                    // pop eax
	a.emit(0xcf)                    // iret
	a.label("gate")                 // the timer's entry in the interrupt table
	a.address16("timer")            //
	a.emit(codeSegment, 0, 0, 0x8e) // a 32-bit interrupt gate, present
	a.word16(0)                     //
	a.label("idtr")                 // the table's size and place: entries before the timer's are what is there
	a.word16((timerVector+1)*gateSize - 1)
	a.address32Before("gate", timerVector*gateSize)
	a.descriptors()
	return a.bootSector(), nil
}

// PacedGuestArgs is GuestArgs with a guest that writes rate bytes a second of its so many MiB, see PacedSector.
func PacedGuestArgs(dir, machine string, memory, rate int64) ([]string, error) {
	sector, err := PacedSector(memory<<20, rate)
	if err != nil {
		return nil, err
	}
	return guestArgs(dir, machine, sector, memory, nil)
}
