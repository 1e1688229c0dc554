package faults

import (
	"bytes"

	"qmpmigrate/core/wire"
	"qmpmigrate/core/wire/wiretest"
)

type script = wiretest.Script

func opening() script { return wiretest.Opening("none", block, blockRAM) }

// body is a package without devices.
func body() script {
	return script(nil).Command(wire.CmdPostcopyListen).Command(wire.CmdPing, 0, 0, 0, 3).Command(wire.CmdPostcopyRun)
}

// following is a stream up to where the VM runs and all of its memory is to come.
func following() script { return opening().Discard(block, 0, blockRAM).Packaged(body()) }

// A hostileSource says something and then nothing more.
type hostileSource struct {
	name  string
	says  script
	hangs bool   // it hangs up then
	ends  string // the status of the destination: failed or postcopy-paused
	want  string // what both say
	// theirs is what QEMU says where that is something else; alone, why it is not asked.
	theirs, alone string
}

func hostileSources() []hostileSource {
	const failed, paused = "failed", "postcopy-paused"
	listen := script(nil).Command(wire.CmdPostcopyListen)
	again := script(nil).Command(wire.CmdPostcopyRAMDiscard, wire.AppendDiscard(nil, block, []wire.Range{{Start: 0, Length: 4096}})...)
	return []hostileSource{
		{name: "discard of no block", ends: failed, want: "Failed to find block 'none'", says: opening().Discard("none", 0, 4096)},
		{name: "discard over the end", ends: failed, want: "Overrun block 'ram' (0/1001000/1000000)",
			says: opening().Discard(block, 0, blockRAM+4096)},
		{name: "discard behind the end", ends: failed, want: "Overrun block 'ram' (16777216/1000/1000000)",
			says: opening().Discard(block, blockRAM, 4096)},
		{name: "discard around the end", ends: failed, alone: "QEMU ends by a signal",
			want: "Overrun block 'ram' (18446744073709547520/2000/1000000)",
			says: opening().Discard(block, ^uint64(4095), 8192)},
		{name: "discard of half a page", ends: failed, want: "Unaligned length: 800", says: opening().Discard(block, 0, 2048)},
		{name: "discard from within a page", ends: failed, want: "Unaligned start address: 0x", says: opening().Discard(block, 1, 4096)},
		{name: "discard of nothing", ends: failed, want: "CMD_POSTCOPY_RAM_DISCARD invalid length (3)",
			says: opening().Command(wire.CmdPostcopyRAMDiscard, 0, 0, 0)},
		{name: "discard of another version", ends: failed, want: "CMD_POSTCOPY_RAM_DISCARD invalid version (9)",
			says: opening().Command(wire.CmdPostcopyRAMDiscard, append([]byte{9, 3, 'r', 'a', 'm', 0}, make([]byte, 16)...)...)},
		{name: "discard in half a range", ends: failed, want: "CMD_POSTCOPY_RAM_DISCARD invalid length (24)",
			says: opening().Command(wire.CmdPostcopyRAMDiscard, append([]byte{0, 3, 'r', 'a', 'm', 0}, make([]byte, 24)...)...)},
		{name: "discard after LISTEN", ends: failed, alone: "QEMU waits in two threads for the same stream",
			want: "CMD_POSTCOPY_RAM_DISCARD in wrong postcopy state (3)",
			says: opening().Packaged(listen.Then(again...))},
		{name: "package of garbage", ends: failed, want: "Unknown savevm section type 165",
			says: opening().Packaged(bytes.Repeat([]byte{0xa5}, 4096))},
		{name: "package that is too large", ends: failed, alone: "QEMU waits for 4 GiB", want: "Unreasonably large packaged state: 4294967295",
			says: opening().Command(wire.CmdPackaged, 255, 255, 255, 255)},
		{name: "package that is cut", ends: failed, hangs: true, want: "package, at offset 102 of the stream: Input/output error: unexpected EOF",
			theirs: "CMD_PACKAGED: Buffer receive fail ret=19 length=1048576",
			says:   opening().Command(wire.CmdPackaged, 0, 16, 0, 0).Then(body()...)},
		{name: "RUN at once", ends: failed, want: "CMD_POSTCOPY_RUN in wrong postcopy state (1)", says: opening().Command(wire.CmdPostcopyRun)},
		{name: "RUN without LISTEN", ends: failed, want: "CMD_POSTCOPY_RUN in wrong postcopy state (2)",
			says: opening().Discard(block, 0, 4096).Packaged(script(nil).Command(wire.CmdPostcopyRun))},
		{name: "LISTEN twice", ends: failed, alone: "QEMU may hang", want: "CMD_POSTCOPY_LISTEN in wrong postcopy state (3)", says: opening().Packaged(listen.Then(listen...))},
		{name: "LISTEN without ADVISE", ends: failed, want: "CMD_POSTCOPY_LISTEN in wrong postcopy state (0)",
			says: wiretest.Header("none").Command(wire.CmdOpenReturnPath).Packaged(body())},
		{name: "ADVISE twice", ends: failed, want: "CMD_POSTCOPY_ADVISE in wrong postcopy state (1)", says: opening().Advise(4096, 4096)},
		{name: "ADVISE of other pages", ends: failed, want: "Postcopy needs matching target page sizes (s=8192 d=4096)",
			says: wiretest.Header("none").Advise(4096, 8192)},
		{name: "bitmap of no block", ends: failed, want: "loadvm_handle_recv_bitmap: block 'none' not found",
			says: opening().Command(wire.CmdRecvBitmap, wire.AppendCounted(nil, "none")...)},
		{name: "bitmap of a longer name", ends: failed, want: "loadvm_handle_recv_bitmap: invalid payload length (9)",
			says: opening().Command(wire.CmdRecvBitmap, append([]byte{3}, "ram and a"...)[:9]...)},
		{name: "bitmap of no name", ends: failed, want: "loadvm_handle_recv_bitmap: failed to read block name",
			says: opening().Command(wire.CmdRecvBitmap, 0, 0)},
		{name: "no command", ends: failed, want: "MIG_CMD 0x4d unknown (len 0x0)", says: opening().Command(77)},
		{name: "command of another length", ends: failed, want: "PING received with bad length - expecting 4, got 2",
			says: opening().Command(wire.CmdPing, 0, 0)},
		{name: "never runs, and hangs up", ends: failed, hangs: true, alone: "QEMU may end by a signal",
			want: "section header, at offset 107 of the stream: Input/output error: unexpected EOF", says: opening().Packaged(listen)},
		{name: "nothing follows", ends: paused, hangs: true, want: "Detected IO failure for postcopy. Migration paused.", says: following()},
		{name: "garbage follows", ends: paused, alone: "QEMU gives the VM up, now and then", want: "Unknown savevm section type 165", says: following().Then(0xa5, 0xa5, 0xa5)},
		{name: "a page behind the end follows", ends: paused, alone: "QEMU gives the VM up", want: "Illegal RAM offset 1000000", says: following().Pages(block, blockRAM/4096, 1)},
		{name: "a page of no block follows", ends: paused, alone: "QEMU gives the VM up, now and then", want: "Can't find block none", says: following().Pages("none", 0, 1)},
		{name: "LISTEN follows", ends: paused, alone: "QEMU gives the VM up", want: "CMD_POSTCOPY_LISTEN in wrong postcopy state", says: following().Then(listen...)},
	}
}
