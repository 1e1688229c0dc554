package channels

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// patience says how long commands may take.
type patience struct {
	finish time.Duration // from the end of their input to their exit
	notice time.Duration // from the end of their channel, when nothing more is wanted of them
	term   time.Duration // from SIGTERM to SIGKILL
	cut    time.Duration // instead of the latter two, when their channel was cut off
	kill   time.Duration // from SIGKILL to our giving up: the kernel may hold them in a device
}

// usualPatience leaves compressors much time to write what they hold.
func usualPatience() patience {
	return patience{finish: 60 * time.Second, notice: 250 * time.Millisecond, term: time.Second, cut: 100 * time.Millisecond,
		kill: 5 * time.Second}
}

// process is a running command with a process group of its own.
type process struct {
	name   string
	limits patience
	handle *os.Process
	done   chan struct{}      // closed when status holds
	status syscall.WaitStatus // how it ended

	mu     sync.Mutex
	killed bool // we sent signals
	reaped bool // its number may belong to somebody else
}

// startProcess runs a program with the given standard input and output and our standard error.
func startProcess(args []string, in, out *os.File, limits patience) (*process, error) {
	handle, err := os.StartProcess(args[0], args, &os.ProcAttr{
		Files: []*os.File{in, out, os.Stderr},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		if errno, ok := errors.AsType[syscall.Errno](err); ok {
			return nil, fmt.Errorf("Failed to execute child process “%s” (%s)", args[0], strerror(errno))
		}
		return nil, fmt.Errorf("Failed to execute child process “%s” (%w)", args[0], err)
	}
	p := &process{name: ExecAddress{args}.String(), limits: limits, handle: handle, done: make(chan struct{})}
	go p.reap()
	return p, nil
}

// reap waits for the process and collects it. The group is killed, if it was to be, before the number becomes free.
func (p *process) reap() {
	defer close(p.done)
	for {
		err := unix.Waitid(unix.P_PID, p.handle.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		unix.Kill(-p.handle.Pid, unix.SIGKILL)
	}
	p.reaped = true
	if state, err := p.handle.Wait(); err == nil {
		p.status = state.Sys().(syscall.WaitStatus)
	}
}

// stop waits until the process has ended, and after the grace period makes it end, the hard way when it takes more
// than term.
func (p *process) stop(grace, term time.Duration) {
	if p.wait(grace) {
		return
	}
	p.signal(unix.SIGTERM)
	if p.wait(term) {
		return
	}
	p.signal(unix.SIGKILL)
	p.wait(p.limits.kill)
}

func (p *process) wait(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// signal reaches the whole group.
func (p *process) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		p.killed = true
		unix.Kill(-p.handle.Pid, sig)
	}
}

// result is nil after a success.
func (p *process) result() *ExitError {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped && p.status == 0 {
		return nil
	}
	return &ExitError{Command: p.name, Status: p.status, Killed: p.killed}
}

// ExitError tells that the command behind a channel failed.
type ExitError struct {
	Command string             // as in the URI
	Status  syscall.WaitStatus // its exit status or the signal that ended it
	Killed  bool               // it did not end in time and was killed
}

func (e *ExitError) Error() string {
	switch {
	case e.Killed:
		return fmt.Sprintf("Command '%s' did not end in time and was killed", e.Command)
	case e.Status.Signaled():
		return fmt.Sprintf("Command '%s' was ended by signal %d (%s)", e.Command, e.Status.Signal(), e.Status.Signal())
	}
	return fmt.Sprintf("Command '%s' failed with exit status %d", e.Command, e.Status.ExitStatus())
}

// brokenPipe recognises the death that a closed channel brings, also of a shell's child.
func (e *ExitError) brokenPipe() bool {
	return e.Status.Signaled() && e.Status.Signal() == unix.SIGPIPE || e.Status.ExitStatus() == 128+int(unix.SIGPIPE)
}
