package emulator

import (
	"context"
	"io"
	"syscall"
)

// A Process is an emulator without a monitor of this package's, for tests of what it says before QMP and
// besides it.
type Process struct{ pr *process }

// StartProcess starts p in dir. Its input is stdin (nil: empty).
func StartProcess(p Program, dir string, stdin io.Reader, args ...string) (*Process, error) {
	pr, err := startProcess(p, dir, stdin, args)
	if err != nil {
		return nil, err
	}
	return &Process{pr}, nil
}

// PID returns the process id.
func (p *Process) PID() int { return p.pr.pid() }

// Output returns the end of what the process wrote to stdout and stderr, to the byte.
func (p *Process) Output() string { return p.pr.stderr.raw() }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.pr.done }

// Wait waits for the process to end and returns its exit status, -1 when a signal killed it.
func (p *Process) Wait(ctx context.Context) (int, error) {
	state, err := p.pr.wait(ctx)
	if err != nil {
		return 0, err
	}
	return state.ExitCode(), nil
}

// Signal sends a signal to the process.
func (p *Process) Signal(s syscall.Signal) error { return p.pr.cmd.Process.Signal(s) }

// Kill ends the process and the commands that it started.
func (p *Process) Kill() { p.pr.kill() }
