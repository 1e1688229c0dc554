// Package child runs a part of a program in a process of its own: the same
// binary once more, which finds out early what it is and does only that.
package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// argument, followed by a name, is the first argument of a child. No user
	// would type it.
	argument = "--child-of-qmpmigrate="
	// variable is in a child's environment, so that a program that does not
	// call Become starts one child too many, and not one after the other.
	variable = "QMPMIGRATE_CHILD"
	// lineFD is the child's end of the line.
	lineFD = 3
)

// Become turns the process into the child called name if it was started as
// one, and returns only if it was not. A program that starts children calls it
// first of all, as does the TestMain of tests that do. The child ends when main
// does, with its error on the standard error stream, and at the latest with the
// process that started it.
func Become(name string, main func(c *Conn) error) {
	if len(os.Args) != 2 || os.Args[1] != argument+name {
		return
	}
	err := run(main)
	if err == nil || errors.Is(err, io.EOF) {
		os.Exit(0)
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	os.Exit(1)
}

func run(main func(c *Conn) error) error {
	if err := closeInherited(); err != nil {
		return err
	}
	unix.CloseOnExec(lineFD)
	c, err := newConn(os.NewFile(lineFD, "line"))
	if err != nil {
		return err
	}
	return main(c)
}

// Assume gives the child another identity. It goes on to end with the process
// that started it, which the system forgets where identities change.
func Assume(id Identity) error {
	if err := id.Assume(); err != nil {
		return err
	}
	runtime.LockOSThread() // for good: the system remembers it by thread
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// closeInherited closes the descriptors that the process got without being
// meant to: those that are not closed by exec. All that Go opens are.
func closeInherited() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= lineFD {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
	return nil
}

// isChild says whether this process was started as a child, of whatever name.
func isChild() bool { return os.Getenv(variable) != "" }

// environment is that of this process, for a child: nothing interrupts it but
// the system. A signal of Go's scheduler would disturb a thread that waits for
// a page.
func environment() []string {
	const debug = "GODEBUG"
	settings := "asyncpreemptoff=1"
	var env []string
	for _, e := range os.Environ() {
		if value, ok := strings.CutPrefix(e, debug+"="); ok {
			settings = value + "," + settings
			continue
		}
		env = append(env, e)
	}
	return append(env, debug+"="+settings, variable+"=1")
}
