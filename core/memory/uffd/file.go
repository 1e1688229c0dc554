// Package uffd is Linux's userfaultfd and the scan of a pagemap as they are:
// structures, calls and the events, without any policy.
//
// Whoever opens a File has the memory that it is about; the descriptor may be
// handed to another process, which then acts on the memory of the first.
package uffd

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Feature is a bit of what a userfaultfd can do.
type Feature uint64

// The features that are used here.
const (
	MissingHugetlb  Feature = 1 << 4
	MissingShmem    Feature = 1 << 5
	ThreadID        Feature = 1 << 8
	WPHugetlbShmem  Feature = 1 << 12
	WPAsync         Feature = 1 << 15
	apiVersion              = 0xaa
	userModeOnly            = 1
	device                  = "/dev/userfaultfd"
	ioctlNew                = 0xaa00
	ioctlAPI                = 0xc018aa3f
	ioctlRegister           = 0xc020aa00
	ioctlUnregister         = 0x8010aa01
	ioctlWake               = 0x8010aa02
	ioctlCopy               = 0xc028aa03
	ioctlZero               = 0xc020aa04
	ioctlProtect            = 0xc018aa06
)

// File is a userfaultfd. Its ranges are addresses in the process that opened
// it. The methods may be called from several goroutines.
type File struct{ *os.File }

// Open makes a userfaultfd for this process, with these features and no
// others. It serves faults that programs cause, not those of the kernel in
// system calls: so much is open to everybody.
func Open(want Feature) (*File, error) {
	fd, err := open()
	if err != nil {
		return nil, err
	}
	// A descriptor can be polled only once it is in use.
	if _, err := handshake(fd, want); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("userfaultfd API", err)
	}
	return &File{os.NewFile(uintptr(fd), "userfaultfd")}, nil
}

// Adopt takes a userfaultfd that another process opened.
func Adopt(f *os.File) *File { return &File{f} }

func open() (fd int, err error) {
	const flags = unix.O_CLOEXEC | unix.O_NONBLOCK
	got, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, flags|userModeOnly, 0, 0)
	if errno == unix.EINVAL {
		// Linux before 5.11 knows no such limit.
		got, _, errno = unix.Syscall(unix.SYS_USERFAULTFD, flags, 0, 0)
	}
	if errno == unix.EPERM {
		if fd, err := openDevice(flags); err == nil {
			return fd, nil
		}
	}
	if errno != 0 {
		return 0, os.NewSyscallError("userfaultfd", errno)
	}
	return int(got), nil
}

func openDevice(flags uintptr) (fd int, err error) {
	dev, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer dev.Close()
	got, _, errno := unix.Syscall(unix.SYS_IOCTL, dev.Fd(), ioctlNew, flags)
	if errno != 0 {
		return 0, errno
	}
	return int(got), nil
}

// handshake switches features on and gives those that there are.
func handshake(fd int, want Feature) (have Feature, err error) {
	arg := struct{ api, features, ioctls uint64 }{apiVersion, uint64(want), 0}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlAPI, uintptr(unsafe.Pointer(&arg)))
	if errno != 0 {
		return 0, errno
	}
	return Feature(arg.features), nil
}

// call is ioctl.
func (f *File) call(request uintptr, arg unsafe.Pointer) error {
	// Not File.Fd, which makes the descriptor blocking.
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno unix.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(arg))
	}); err != nil {
		return err
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// String is for people who want to know what their system lacks.
func (f Feature) String() string {
	for _, n := range []struct {
		bit  Feature
		name string
	}{
		{MissingHugetlb, "faults of huge pages (MISSING_HUGETLBFS)"},
		{MissingShmem, "faults of shared memory (MISSING_SHMEM)"},
		{ThreadID, "the thread that met a fault (THREAD_ID)"},
		{WPHugetlbShmem, "write protection of shared memory (WP_HUGETLBFS_SHMEM)"},
		{WPAsync, "write protection that the kernel lifts (WP_ASYNC)"},
	} {
		if f == n.bit {
			return n.name
		}
	}
	return fmt.Sprintf("feature 0x%x", uint64(f))
}

func is(err error, errno unix.Errno) bool { return errors.Is(err, errno) }
