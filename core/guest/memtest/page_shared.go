package memtest

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
)

// sharedPage is what the process that runs the vCPUs and the one that looks
// after them say to each other without a message: a file that both map.
type sharedPage struct {
	*sharedHeader
	slots []slot // of each vCPU
	mem   []byte
}

type sharedHeader struct {
	// shift is the number of the time of running, 0 while the vCPUs are to
	// stop. Each Start is a shift of its own.
	shift atomic.Uint64
	// guarded: pages may be absent.
	guarded atomic.Bool
	// frozen: who writes to a page may have to wait.
	frozen atomic.Bool
	_      [44]byte // what is written often is not where all look often
	controls
}

// slot is a vCPU. Between visits, and while it waits for a page, a vCPU is not
// visiting. It sets that first and then looks whether its shift is over, and
// whoever stops it ends the shift first and then looks at that: so once the
// vCPU is not visiting it does nothing more to memory.
type slot struct {
	steps    atomic.Uint64
	visiting atomic.Bool
	thread   atomic.Uint32 // of the system, 0 until it is known
	account
	_ [24]byte
}

const headerSize = memory.PageSize

func sharedSize(cpus int) int { return headerSize + cpus*int(unsafe.Sizeof(slot{})) }

// newSharedPage makes one, and the file that another process maps.
func newSharedPage(cpus int) (*sharedPage, *os.File, error) {
	fd, err := unix.MemfdCreate("vcpus", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "vcpus")
	if err := f.Truncate(int64(sharedSize(cpus))); err != nil {
		f.Close()
		return nil, nil, err
	}
	p, err := mapSharedPage(f, cpus)
	if err != nil {
		f.Close()
	}
	return p, f, err
}

func mapSharedPage(f *os.File, cpus int) (*sharedPage, error) {
	mem, err := unix.Mmap(int(f.Fd()), 0, sharedSize(cpus), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &sharedPage{
		sharedHeader: (*sharedHeader)(unsafe.Pointer(&mem[0])),
		slots:        unsafe.Slice((*slot)(unsafe.Pointer(&mem[headerSize])), cpus),
		mem:          mem,
	}, nil
}

// begin makes another shift the one that is on, 0 for none, and wakes those who
// sleep in an earlier one.
func (p *sharedPage) begin(shift uint64) {
	p.shift.Store(shift)
	const all = 1<<31 - 1
	_, _, _ = unix.Syscall(unix.SYS_FUTEX, p.futex(), futexWake, all)
}

// await returns after d, or when another shift begins.
func (p *sharedPage) await(shift uint64, d time.Duration) {
	limit := unix.NsecToTimespec(int64(d))
	// Whatever ends it early, the caller looks again.
	_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, p.futex(), futexWait, uintptr(uint32(shift)),
		uintptr(unsafe.Pointer(&limit)), 0, 0)
}

const futexWait, futexWake = 0, 1

// futex is the word that sleepers watch: the lower half of the shift.
func (p *sharedPage) futex() uintptr { return uintptr(unsafe.Pointer(&p.sharedHeader.shift)) }

// close unmaps it; nobody may look at it any more.
func (p *sharedPage) close() { _ = unix.Munmap(p.mem) }

// cpu is the number of the vCPU that has a thread.
func (p *sharedPage) cpu(thread uint32) int {
	for i := range p.slots {
		if p.slots[i].thread.Load() == thread {
			return i
		}
	}
	return memory.NoCPU
}
