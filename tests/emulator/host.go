package emulator

import (
	"fmt"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// NeedIPv6 skips a test on a host that has none.
func NeedIPv6(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this host has no IPv6: ", err)
	}
	l.Close()
}

// NeedUserfaultfd skips a test of a real QEMU as a destination whose memory follows where the user may not have it, see
// userfaultfd. Root may: where root gets none the test fails, as it would prove nothing.
func NeedUserfaultfd(t testing.TB) {
	t.Helper()
	err := userfaultfd()
	switch {
	case err == nil:
	case os.Geteuid() == 0:
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// userfaultfd says why a real QEMU gets none from this host. QEMU 7.2 knows no other way than the system call, and asks
// for the faults of the kernel, too, which not everybody may have.
func userfaultfd() error {
	fd, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|unix.O_NONBLOCK, 0, 0)
	if errno != 0 {
		return fmt.Errorf("this host has no userfaultfd for a real QEMU (as root: sysctl vm.unprivileged_userfaultfd=1): %w", errno)
	}
	return unix.Close(int(fd))
}
