package memory

import (
	"errors"
	"runtime"
	"unsafe"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// HugePage is the size of a transparent huge page on x86-64, in bytes.
const HugePage = 2 << 20

// Prealloc populates the whole block, as a VMM does when it is told to
// allocate guest memory in advance.
func (b *Block) Prealloc() error {
	b.AdviseHuge()
	b.preallocated = true
	return populateAll(b.mem)
}

// Preallocated says whether the block's memory was allocated in advance.
func (b *Block) Preallocated() bool { return b.preallocated }

// AdviseHuge asks for huge pages in the whole block: for memory that will be
// used all over. Systems without them go on as they are.
func (b *Block) AdviseHuge() { _ = unix.Madvise(b.mem, unix.MADV_HUGEPAGE) }

// AdviseHugeIn asks for huge pages where pages [first, first+count) are whole
// ones: they are about to be written all over.
func (b *Block) AdviseHugeIn(first, count uint64) {
	const huge = HugePage / PageSize
	from, to := (first+huge-1)/huge*huge, (first+count)/huge*huge
	if from < to && !b.preallocated {
		_ = unix.Madvise(b.mem[from*PageSize:to*PageSize], unix.MADV_HUGEPAGE)
	}
}

// hugeWindow is the piece of a block for which huge pages are asked at once, in
// pages. While the kernel does that it lets nobody fault in the memory around.
const hugeWindow = 128 << 20 / PageSize

// MakeHuge populates the huge page that page n lies in, which holds nothing yet
// and is about to be written all over. Others may call it at the same time; who
// comes second to a huge page waits for the first.
func (b *Block) MakeHuge(n uint64) error {
	if window := n / hugeWindow; !b.advised.get(window) {
		first := window * hugeWindow
		b.AdviseHugeIn(first, min(hugeWindow, b.Pages()-first))
		b.advised.set(window)
	}
	at := n * PageSize / HugePage * HugePage
	lock := &b.making[at/HugePage%uint64(len(b.making))]
	lock.Lock()
	defer lock.Unlock()
	return populateHuge(b.mem[at : at+HugePage])
}

// Untouched says whether no page of [first, first+count) was ever written.
func (b *Block) Untouched(first, count uint64) bool {
	for end := first + count; first < end; {
		n := min(64-first%64, end-first)
		mask := ^uint64(0) >> (64 - n) << (first % 64)
		if b.populated[first/64].Load()&mask != 0 {
			return false
		}
		first += n
	}
	return true
}

// MakeReady populates pages [first, first+count), which hold nothing yet, with
// huge pages where the system has them, from several threads.
func (b *Block) MakeReady(first, count uint64) error {
	mem := b.mem[first*PageSize : (first+count)*PageSize]
	_ = unix.Madvise(mem, unix.MADV_HUGEPAGE)
	return populateAll(mem)
}

func populateAll(mem []byte) error {
	share := (len(mem)/runtime.GOMAXPROCS(0) + HugePage - 1) / HugePage * HugePage
	if share >= len(mem) {
		return populate(mem)
	}
	var g errgroup.Group
	for len(mem) > 0 {
		part := mem[:min(share, len(mem))]
		mem = mem[len(part):]
		g.Go(func() error { return populate(part) })
	}
	return g.Wait()
}

// populateHuge is populate for one huge page. That takes no longer than the page must be cleared, which is nothing that
// somebody waits for: so the scheduler is not told, who would look for other work in the meantime, each time.
func populateHuge(mem []byte) error {
	_, _, errno := unix.RawSyscall(unix.SYS_MADVISE, uintptr(unsafe.Pointer(&mem[0])), uintptr(len(mem)), unix.MADV_POPULATE_WRITE)
	if errno != 0 {
		return touched(mem, errno)
	}
	return nil
}

func populate(mem []byte) error { return touched(mem, unix.Madvise(mem, unix.MADV_POPULATE_WRITE)) }

// touched falls back to touching the pages where the kernel is older than 5.14, which err says.
func touched(mem []byte, err error) error {
	if errors.Is(err, unix.EINVAL) {
		for i := 0; i < len(mem); i += PageSize {
			touch(&mem[i])
		}
		return nil
	}
	return err
}
