package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// Process is a child of this process.
type Process struct {
	// Conn is the line to it.
	*Conn
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // why it ended
}

// errNested is what a program finds that forgot to call Become.
var errNested = errors.New("this process is a child itself: its program has to call Become first")

// Start starts the child called name. Whoever starts it ends it with End.
func Start(name string) (*Process, error) {
	if isChild() {
		return nil, errNested
	}
	near, far, err := pair()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	p := &Process{Conn: near, ended: make(chan struct{})}
	p.cmd = exec.Command("/proc/self/exe", argument+name)
	p.cmd.Args[0] = os.Args[0]
	p.cmd.Env = environment()
	// By way of this process: one that goes to the background lets go of the
	// stream that it was started with.
	p.cmd.Stderr = struct{ io.Writer }{os.Stderr}
	p.cmd.ExtraFiles = []*os.File{far}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		// What a terminal sends to this process is not for the child.
		Setpgid: true,
	}
	started := make(chan error)
	go p.keep(started)
	if err := <-started; err != nil {
		near.Close()
		return nil, fmt.Errorf("cannot start the process '%s': %w", name, err)
	}
	return p, nil
}

// keep starts the process, and waits for it on the same thread: its end would
// be the child's.
func (p *Process) keep(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	if p.err = p.cmd.Wait(); p.err == nil {
		p.err = errors.New(p.cmd.ProcessState.String())
	}
	close(p.ended)
}

// ID is its process id.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Ended is closed once the process is no more.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Err is why the process ended. It is for after that.
func (p *Process) Err() error { return p.err }

// End ends the process and the line, and returns when both are gone.
func (p *Process) End() {
	p.Close()
	// It fails only where the process has ended.
	_ = p.cmd.Process.Kill()
	<-p.ended
}
