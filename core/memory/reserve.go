package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// reserve maps size bytes of zeros that cost nothing until they are touched,
// aligned to huge pages where they are large enough for them.
func reserve(size uint64) ([]byte, error) {
	slack := uintptr(0)
	if size >= HugePage {
		slack = HugePage
	}
	at, err := unix.MmapPtr(-1, 0, nil, uintptr(size)+slack, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, err
	}
	if slack == 0 {
		return unsafe.Slice((*byte)(at), size), nil
	}
	// Cut off what stands before and behind the aligned part.
	head := -uintptr(at) & (HugePage - 1)
	mem := unsafe.Add(at, head)
	if head > 0 {
		err = unix.MunmapPtr(at, head)
	}
	if tail := slack - head; tail > 0 && err == nil {
		err = unix.MunmapPtr(unsafe.Add(mem, size), pageUp(tail))
	}
	return unsafe.Slice((*byte)(mem), size), err
}

// release unmaps what reserve mapped.
func release(mem []byte) error {
	if len(mem) == 0 {
		return nil
	}
	return unix.MunmapPtr(unsafe.Pointer(&mem[0]), uintptr(len(mem)))
}

func pageUp(n uintptr) uintptr { return (n + PageSize - 1) &^ (PageSize - 1) }
