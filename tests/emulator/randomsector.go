package emulator

import "math/bits"

// The guest of RandomSector keeps how long its slow writes took.
const (
	// RandomLetter is how many pages it writes between two letters B.
	RandomLetter = 64
	// randomCount is the address of a word that counts the slow writes, randomTimes that of the words with
	// their times in ticks of the time stamp counter: the count modulo randomSlots is the place of the next.
	randomCount = 0x100000
	randomTimes = 0x200000
	randomSlots = 1 << 19
	// randomClock is the address of a word with the low half of the time stamp counter before the last write.
	randomClock = randomCount + 4
	// randomSlow is from how many ticks on a write counts as slow: some 4 µs, more than any that does not
	// wait for its page or its CPU.
	randomSlow = 10_000

	randomFirst = randomTimes + 4*randomSlots // first byte that the guest fills
)

// RandomSector returns a disk image like BootSector with another guest: it puts something into each page of
// its memory, whose size must be a power of two and below 4 GiB, prints A, and then writes to pages in random
// order for ever, with a B after each RandomLetter of them.
func RandomSector(memory int64) []byte {
	var a assembler
	a.enterProtectedMode()
	a.emit(0x31, 0xc0)         // xor eax, eax
	a.emit(0xa3)               // mov [randomCount], eax
	a.word32(randomCount)      //
	a.emit(0xbe)               // mov esi, first page
	a.word32(randomFirst)      //
	a.label("fill")            //
	a.emit(0x89, 0x76, 0x08)   // mov [esi+8], esi
	a.emit(0x81, 0xc6)         // add esi, page size
	a.word32(GuestStride)      //
	a.emit(0x81, 0xfe)         // cmp esi, end
	a.word32(uint32(memory))   //
	a.jump(jumpBelow, "fill")  //
	a.print('A')               //
	a.label("letter")          //
	a.emit(0xb3, RandomLetter) // mov bl, writes
	a.label("write")           // the next number of a linear congruential generator
	a.emit(0x69, 0xff)         // imul edi, edi, multiplier
	a.word32(1664525)          //
	a.emit(0x81, 0xc7)         // add edi, increment
	a.word32(1013904223)       //
	a.emit(0x89, 0xfe)         // mov esi, edi
	a.emit(0xc1, 0xee)         // shr esi: its high bits are the random ones
	a.emit(byte(32 - bits.Len64(uint64(memory-1))))
	a.emit(0x81, 0xe6) // and esi, start of the page
	a.word32(^uint32(GuestStride - 1))
	a.emit(0x81, 0xfe)           // cmp esi, first page
	a.word32(randomFirst)        //
	a.jump(jumpBelow, "write")   //
	a.emit(0x0f, 0x31)           // rdtsc
	a.emit(0x89, 0xc5)           // mov ebp, eax
	a.emit(0xff, 0x06)           // inc dword [esi]
	a.emit(0x0f, 0x31)           // rdtsc
	a.emit(0x89, 0x2d)           // mov [randomClock], ebp
	a.word32(randomClock)        //
	a.emit(0x29, 0xe8)           // sub eax, ebp
	a.emit(0x3d)                 // cmp eax, slow
	a.word32(randomSlow)         //
	a.jump(jumpBelow, "fast")    //
	a.emit(0x8b, 0x0d)           // mov ecx, [randomCount]
	a.word32(randomCount)        //
	a.emit(0x89, 0xca)           // mov edx, ecx
	a.emit(0x81, 0xe2)           // and edx, slots - 1
	a.word32(randomSlots - 1)    //
	a.emit(0x89, 0x04, 0x95)     // mov [randomTimes + 4 * edx], eax
	a.word32(randomTimes)        //
	a.emit(0x41)                 // inc ecx
	a.emit(0x89, 0x0d)           // mov [randomCount], ecx
	a.word32(randomCount)        //
	a.label("fast")              //
	a.emit(0xfe, 0xcb)           // dec bl
	a.jump(jumpNotZero, "write") //
	a.print('B')                 //
	a.jump(jumpAlways, "letter") //
	a.descriptors()
	return a.bootSector()
}
