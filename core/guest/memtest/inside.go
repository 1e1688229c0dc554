package memtest

import (
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"unsafe"

	"qmpmigrate/core/guest/child"
	"qmpmigrate/core/guest/sharedmem"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/memory/uffd"
)

// childName is what the process that runs vCPUs is called.
const childName = "memtest-vcpus"

// BecomeVCPUs is what a program calls first of all that makes machines with
// their vCPUs apart (Config.Apart): it returns at once unless the process was
// started to run vCPUs, which it then does to its end.
func BecomeVCPUs() { child.Become(childName, runInside) }

// inside is the process that runs the vCPUs. A thread of it that waits for a
// page keeps one of the runtime's processors, and nothing could stop all
// threads then: so there is no garbage collection while vCPUs run.
type inside struct {
	line *child.Conn
	page *sharedPage
	// These stay open as long as vCPUs live: were the other process gone
	// first, they would find zeros where pages are absent.
	faults, writes *uffd.File
	board          board
	vcpus          []*insideVCPU

	// program is made of the message that was given.
	given   string
	program program
	shifts  int
}

// collectEvery is after how many shifts the garbage of their messages is
// collected, when no vCPU is in the way.
const collectEvery = 1000

func runInside(line *child.Conn) error {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 62)
	in := &inside{line: line}
	if err := in.setUp(); err != nil {
		return line.Send(append([]byte{msgFailed}, err.Error()...))
	}
	buf := make([]byte, child.MaxMessage)
	for {
		n, err := line.Receive(buf)
		if err != nil {
			return err
		}
		if n == 0 || buf[0] != msgShift {
			return errors.New("unknown message")
		}
		if err := in.begin(buf[1:n]); err != nil {
			return err
		}
	}
}

// setUp maps what the other process has, and gives it what it needs to look
// after this one.
func (in *inside) setUp() error {
	buf := make([]byte, child.MaxMessage)
	n, files, err := in.line.ReceiveFiles(buf)
	if err != nil {
		return err
	}
	var message setupMessage
	if n == 0 || buf[0] != msgSetup || len(files) != 2 || json.Unmarshal(buf[1:n], &message) != nil {
		return errors.New("no setup")
	}
	ram, page := files[0], files[1]
	defer ram.Close()
	defer page.Close()
	// One processor for each vCPU, and two for whoever must not wait for one.
	runtime.GOMAXPROCS(message.VCPUs + 2)
	if in.page, err = mapSharedPage(page, message.VCPUs); err != nil {
		return err
	}
	in.board = board{cpus: message.VCPUs, serial: &farPort{&in.page.fifo, in.line}}
	in.board.ram, err = memory.Map(BlockName, message.Size, memory.Backing{File: ram, Offset: message.Offset, Shared: true})
	if err != nil {
		return err
	}
	in.board.power.asleep = &in.page.asleep
	in.board.power.suspend = func() { _ = in.line.Send([]byte{msgSuspend}) }
	var inRings *memory.Marks
	if message.DirtyRing > 0 {
		inRings = memory.NewMarks(in.board.ram.Pages())
	}
	for i := range message.VCPUs {
		v := &insideVCPU{number: i, slot: &in.page.slots[i], shifts: make(chan *shift, 1)}
		if inRings != nil {
			v.ring = newDirtyRing(message.DirtyRing, inRings, &in.page.controls, &v.slot.account)
		}
		in.vcpus = append(in.vcpus, v)
		ready := make(chan struct{})
		go v.run(ready)
		<-ready
	}
	return in.handOver(message.Inside)
}

func (in *inside) handOver(as child.Identity) error {
	mapping, err := sharedmem.Open(uint64(uintptr(unsafe.Pointer(&in.board.ram.Bytes()[0]))))
	if err != nil {
		return err
	}
	in.faults, in.writes = mapping.Faults, mapping.Writes
	defer mapping.Pagemap.Close() // the other process keeps its own
	if err := child.Assume(as); err != nil {
		return err
	}
	message, err := encodeMessage(msgReady, readyMessage{mapping.Base})
	if err != nil {
		return err
	}
	return in.line.Send(message, []*os.File{mapping.Faults.File, mapping.Writes.File, mapping.Pagemap.File}...)
}

// begin begins a shift. A vCPU that still waits for a page from an earlier one
// comes to it as soon as the page is there.
func (in *inside) begin(text []byte) error {
	var message shiftMessage
	if err := json.Unmarshal(text, &message); err != nil {
		return err
	}
	if given := message.Workload + string(message.Options); given != in.given {
		w, err := message.workload()
		if err != nil {
			return err
		}
		in.given, in.program = given, w.start(&in.board)
	}
	if in.shifts++; in.shifts%collectEvery == 0 && in.idle() {
		runtime.GC()
	}
	if in.shifts == 1 && !in.page.guarded.Load() {
		// What the other process put there would cost a page fault each.
		go in.board.ram.MapExtents()
	}
	s := &shift{number: message.Shift, page: in.page, program: in.program, mem: in.board.ram.Bytes()}
	for _, v := range in.vcpus {
		select {
		case <-v.shifts: // one that it has not begun
		default:
		}
		v.shifts <- s
	}
	return nil
}

// idle says that no vCPU is anywhere near memory.
func (in *inside) idle() bool {
	for _, v := range in.vcpus {
		if !v.idle.Load() || len(v.shifts) > 0 {
			return false
		}
	}
	return true
}

// farPort is the serial port as the vCPUs have it: what they put is taken by
// the other process.
type farPort struct {
	fifo *fifo
	line *child.Conn
}

func (p *farPort) put(b byte) bool {
	ok := p.fifo.push(b)
	// Should the other process be gone, so is this one in a moment.
	_ = p.line.Send([]byte{msgSerial})
	return ok
}

func (p *farPort) empty() bool { return p.fifo.empty() }
