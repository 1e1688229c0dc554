package channels

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// fileType tells what an open descriptor is: unix.S_IFSOCK, unix.S_IFREG, ...; 0 for the kernel's anonymous objects.
func fileType(fd int) (uint32, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	return st.Mode & unix.S_IFMT, nil
}

// openFD makes a Conn of an open descriptor.
func openFD(a FDAddress) (Conn, error) {
	var fd int
	var err error
	var c Conn
	if a.File != nil {
		fd, err = takeFile(a.File)
	} else if number, ok := a.Number(); ok {
		fd, err = takeInherited(number)
	} else {
		return nil, fmt.Errorf("Invalid file descriptor number '%s'", a.Name)
	}
	if err == nil {
		c, err = adopt(fd, a.Name)
	}
	if err != nil {
		return nil, fail("Unable to use file descriptor '"+a.Name+"'", err)
	}
	return c, nil
}

// takeFile gets a descriptor out of a file, which is closed.
func takeFile(file *os.File) (fd int, err error) {
	defer file.Close()
	raw, err := file.SyscallConn()
	if err != nil {
		return -1, err
	}
	err = raw.Control(func(n uintptr) { fd, err = unix.FcntlInt(n, unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil {
		return -1, err
	}
	return fd, err
}

// takeInherited moves a descriptor that the process was started with to a number of our own. Descriptors that were
// opened by this process are close-on-exec and are refused: a wrong number must not hit the runtime's own files or
// another connection.
func takeInherited(number int) (int, error) {
	flags, err := unix.FcntlInt(uintptr(number), unix.F_GETFD, 0)
	if err != nil {
		return -1, err
	}
	if flags&unix.FD_CLOEXEC != 0 {
		return -1, unix.EBADF
	}
	fd, err := unix.FcntlInt(uintptr(number), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return fd, vacate(number)
}

// vacate closes an inherited descriptor. Standard streams stay open on nothing, lest the next file becomes one.
func vacate(number int) error {
	if number > 2 {
		return unix.Close(number)
	}
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(null)
	return unix.Dup3(null, number, 0)
}

// adopt makes a Conn of a descriptor of our own.
func adopt(fd int, name string) (Conn, error) {
	kind, err := fileType(fd)
	noun := nounFile
	if kind == unix.S_IFSOCK {
		noun = nounSocket
	}
	switch {
	case err != nil:
	case kind == 0: // an epoll, an eventfd, ...
		err = unix.EINVAL
	case kind == unix.S_IFDIR:
		err = unix.EISDIR
	case kind != unix.S_IFREG && kind != unix.S_IFBLK:
		err = syscall.SetNonblock(fd, true) // wanted by the poller, without which nobody can be freed from a wait
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return newStream(os.NewFile(uintptr(fd), "fd:"+name), "fd:"+name, noun)
}

// Warning returns what QEMU 10.0 warns about before it uses the address, or "".
func (a Address) Warning() string {
	if a.Transport != TransportSocket || a.Type != SocketFD {
		return ""
	}
	kind, isOpen := a.FD.fileType()
	if !isOpen || kind == unix.S_IFSOCK || kind == unix.S_IFIFO {
		return ""
	}
	return "fd: migration to a file is deprecated. Use file: instead."
}

func (a FDAddress) fileType() (kind uint32, isOpen bool) {
	var err error
	if number, ok := a.Number(); a.File == nil && ok {
		kind, err = fileType(number)
		return kind, err == nil
	}
	if a.File == nil {
		return 0, false
	}
	raw, rawErr := a.File.SyscallConn()
	if rawErr != nil {
		return 0, false
	}
	rawErr = raw.Control(func(fd uintptr) { kind, err = fileType(int(fd)) })
	return kind, rawErr == nil && err == nil
}
