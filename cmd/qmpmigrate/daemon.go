package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// readyEnv names the descriptor on which a process in the background tells the
// one that started it that it is ready.
const readyEnv = "QMPMIGRATE_READY_FD"

// background starts the same command line once more, in the background and in
// a session of its own, and waits until it is ready. A process cannot be split
// in two when it has threads already. It gives the exit status of this one.
func background(args []string, stderr io.Writer) int {
	ready, err := startBackground(args)
	if err != nil {
		fmt.Fprintf(stderr, "%s: cannot go to the background: %v\n", os.Args[0], err)
		return 1
	}
	defer ready.Close()
	// What went wrong was said already, by the one whom it happened to.
	var status [1]byte
	if n, _ := ready.Read(status[:]); n != 1 || status[0] != 0 {
		return 1
	}
	return 0
}

// startBackground hands on the standard streams, on which the start's errors
// are said, and every descriptor that this process was given itself.
func startBackground(args []string) (ready *os.File, err error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], 0); err != nil {
		return nil, err
	}
	unix.CloseOnExec(ends[0])
	ready = os.NewFile(uintptr(ends[0]), "ready")
	defer unix.Close(ends[1])
	child, err := os.StartProcess("/proc/self/exe", append([]string{os.Args[0]}, args...), &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Env:   append(os.Environ(), readyEnv+"="+strconv.Itoa(ends[1])),
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		ready.Close()
		return nil, err
	}
	_ = child.Release()
	return ready, nil
}

// daemon is a process that background started; the zero daemon is one in the
// foreground.
type daemon struct{ ready *os.File }

// newDaemon finds out whether this process is in the background.
func newDaemon() daemon {
	fd, err := strconv.Atoi(os.Getenv(readyEnv))
	if err != nil {
		return daemon{}
	}
	_ = os.Unsetenv(readyEnv)
	unix.CloseOnExec(fd)
	unix.Umask(0o027)
	signal.Ignore(syscall.SIGTSTP, syscall.SIGTTOU, syscall.SIGTTIN)
	return daemon{os.NewFile(uintptr(fd), "ready")}
}

// running says whether the process is in the background.
func (d daemon) running() bool { return d.ready != nil }

// done leaves the place and the streams of whoever started the process, and
// lets them go on. keepStderr is for a process whose log is there.
func (d daemon) done(keepStderr bool) error {
	if d.ready == nil {
		return nil
	}
	defer d.ready.Close()
	if err := os.Chdir("/"); err != nil {
		return failed(err, "not able to chdir to /")
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return failed(err, "Could not open '%s'", os.DevNull)
	}
	defer null.Close()
	for fd := range 3 {
		if fd == 2 && keepStderr {
			break
		}
		if err := unix.Dup3(int(null.Fd()), fd, 0); err != nil {
			return failed(err, "Could not open '%s'", os.DevNull)
		}
	}
	_, err = d.ready.Write([]byte{0})
	return err
}
