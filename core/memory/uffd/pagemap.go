package uffd

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Pagemap tells what became of the pages of a process. It may be handed to
// another process.
type Pagemap struct{ *os.File }

// OpenPagemap opens that of this process.
func OpenPagemap() (*Pagemap, error) {
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return nil, err
	}
	return &Pagemap{f}, nil
}

const (
	ioctlScan = 0xc0606610

	scanProtect   = 1 // protect again what is reported
	scanCheck     = 2 // refuse ranges in which writes leave no trace
	pageIsWritten = 1 << 1
	pageIsPresent = 1 << 3

	// scanRegions is how many runs one call may report.
	scanRegions = 1024
)

type scanArg struct {
	size, flags        uint64
	start, end, walked uint64
	vec                unsafe.Pointer
	vecLen, maxPages   uint64
	inverted, mask     uint64
	anyOf, wanted      uint64
}

type region struct{ start, end, categories uint64 }

// Written calls mark for each run of addresses in [start, end) that was written
// since it was protected, and protects it again. The range is registered as
// Protected with WPAsync.
func (p *Pagemap) Written(start, end uint64, mark func(start, end uint64)) error {
	return p.scan(scanArg{flags: scanProtect | scanCheck, start: start, end: end,
		mask: pageIsWritten, wanted: pageIsWritten}, mark)
}

// Present calls mark for each run of addresses in [start, end) that is mapped.
func (p *Pagemap) Present(start, end uint64, mark func(start, end uint64)) error {
	return p.scan(scanArg{start: start, end: end, mask: pageIsPresent, wanted: pageIsPresent}, mark)
}

func (p *Pagemap) scan(arg scanArg, mark func(start, end uint64)) error {
	raw, err := p.SyscallConn()
	if err != nil {
		return err
	}
	found := make([]region, scanRegions)
	arg.size = uint64(unsafe.Sizeof(arg))
	arg.vec, arg.vecLen = unsafe.Pointer(&found[0]), scanRegions
	for end := arg.end; arg.start < end; arg.start = arg.walked {
		var n uintptr
		var errno unix.Errno
		if err := raw.Control(func(fd uintptr) {
			n, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, ioctlScan, uintptr(unsafe.Pointer(&arg)))
		}); err != nil {
			return err
		}
		if errno == unix.EINTR {
			arg.walked = arg.start
			continue
		}
		if errno != 0 {
			return os.NewSyscallError("pagemap scan", errno)
		}
		for _, r := range found[:n] {
			mark(r.start, r.end)
		}
		if arg.walked <= arg.start {
			return os.NewSyscallError("pagemap scan", unix.EIO)
		}
	}
	return nil
}
