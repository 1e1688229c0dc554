package emulator

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

	// SuspendedAt is the address of a word that is 1 once the guest suspended.
	SuspendedAt = GuestFirst + 4

	// GuestMark is where in each of its pages the guest has the address of the page: without it all pages would be
	// zero in one of 256 rounds, and zero pages go at once, past lanes and links that are to break.
	GuestMark = 8

	// suspendFlag is where in the sector harnesses put a byte that tells the guest to suspend.
	suspendFlag = 0xbe
	// powerStatus is where a PC's firmware puts the registers of the power management, of which the second half of the
	// first word says what may happen and powerControl takes what shall: sleepInMemory is QEMU's suspend to RAM,
	// sleepOff the end.
	powerStatus   = 0x600
	powerControl  = powerStatus + 4
	sleepInMemory = 1<<13 | 1<<10
	sleepOff      = 1 << 13
	powerButton   = 1 << 8
)

// BootSector returns a disk image of one sector: a guest for x86 PCs that prints A, clears the first byte
// of every page from 1 to 100 MiB and marks the page, and then increments these bytes, page by page in
// ascending order, for ever; every 64 rounds it prints B. It needs no stack and no interrupts, so all its
// state is in the registers and in the memory that it counts in: a guest that was moved goes on counting, it
// can not start again without printing another A.
func BootSector() []byte { return bootSector(false) }

// SuspendingBootSector is a BootSector whose guest suspends to RAM after its first B. Woken up it starts
// again, with an A, and does not suspend another time: the word at SuspendedAt tells it.
func SuspendingBootSector() []byte { return bootSector(true) }

func bootSector(suspend bool) []byte {
	var a assembler

	a.enterProtectedMode()
	a.print('A')
	a.clearPages()
	a.label("letter")
	a.countRounds()
	a.print('B')
	a.emit(0x80, 0x3d) // cmp byte [suspend], 0
	a.word32(bootAddress + suspendFlag)
	a.emit(0)                               //
	a.jump(jumpZero, "letter")              //
	a.emit(0x83, 0x3d)                      // cmp dword [SuspendedAt], 1
	a.word32(SuspendedAt)                   //
	a.emit(1)                               //
	a.jump(jumpZero, "letter")              // once is enough
	a.emit(0xc7, 0x05)                      // mov dword [SuspendedAt], 1
	a.word32(SuspendedAt)                   //
	a.word32(1)                             //
	a.emit(0x66, 0xba)                      // mov dx, the power management's control register
	a.word16(powerControl)                  //
	a.emit(0x66, 0xb8)                      // mov ax, sleep in memory
	a.word16(sleepInMemory)                 //
	a.emit(0x66, 0xef)                      // out dx, ax
	a.label("sleep")                        //
	a.emit(0xf4)                            // hlt
	a.jump(jumpAlways, "sleep")             //
	a.padTo(suspendFlag)                    //
	a.emit(map[bool]byte{true: 1}[suspend]) //
	a.descriptors()
	return a.bootSector()
}

// clearPages clears the first byte of each of the guest's pages, and marks the page.
func (a *assembler) clearPages() {
	a.emit(0xbe)                  // mov esi, first page
	a.word32(GuestFirst)          //
	a.label("clear")              //
	a.emit(0xc6, 0x06, 0x00)      // mov byte [esi], 0
	a.emit(0x89, 0x76, GuestMark) // mov [esi+mark], esi
	a.nextPage("clear")
}

// countRounds counts these bytes up, as often as it takes to the next letter.
func (a *assembler) countRounds() {
	a.emit(0xb3, GuestRounds) // mov bl, 64
	a.label("round")          //
	a.emit(0xbe)              // mov esi, first page
	a.word32(GuestFirst)      //
	a.label("page")           //
	a.emit(0xfe, 0x06)        // inc byte [esi]
	a.nextPage("page")        //
	a.emit(0xfe, 0xcb)        // dec bl
	a.jump(jumpNotZero, "round")
}
