package uffd

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// Probe says whether this process may use userfaultfd with these features, and
// a scan of its pagemap; the error says what is missing, and how to get it.
func Probe(want Feature) error { return explain(look(want)) }

// look tries, and gives which of the features are missing.
func look(want Feature) (missing Feature, err error) {
	fd, err := open()
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	have, err := handshake(fd, 0)
	if err != nil {
		return 0, err
	}
	if missing := want &^ have; missing != 0 {
		return missing, nil
	}
	p, err := OpenPagemap()
	if err != nil {
		return 0, err
	}
	defer p.Close()
	// Nothing is asked, but a kernel that does not know the question says so.
	arg := scanArg{mask: pageIsPresent, wanted: pageIsPresent, end: pageSize}
	err = p.scan(arg, func(uint64, uint64) {})
	if is(err, unix.ENOTTY) {
		err = errNoScan
	}
	return 0, err
}

const pageSize = 4096

var errNoScan = errors.New("the kernel cannot scan a pagemap (PAGEMAP_SCAN), which Linux 6.7 and later can")

// explain makes an error for people.
func explain(missing Feature, err error) error {
	switch {
	case is(err, unix.ENOSYS):
		return fmt.Errorf("the kernel has no userfaultfd (CONFIG_USERFAULTFD): %w", err)
	case is(err, unix.EPERM), is(err, unix.EACCES):
		return fmt.Errorf("userfaultfd is closed to this process: set sysctl vm.unprivileged_userfaultfd=1, "+
			"or give it access to %s, or CAP_SYS_PTRACE; in a container its seccomp profile must allow userfaultfd: %w",
			device, err)
	case err != nil:
		return fmt.Errorf("userfaultfd does not work: %w", err)
	case missing == 0:
		return nil
	}
	var names []string
	for bit := Feature(1); bit != 0; bit <<= 1 {
		if missing&bit != 0 {
			names = append(names, bit.String())
		}
	}
	return fmt.Errorf("the kernel's userfaultfd lacks %s; Linux 6.7 and later have all", strings.Join(names, ", "))
}
