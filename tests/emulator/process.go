package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	// stopTime is what a process gets to end by itself before it is killed.
	stopTime = time.Minute
	// outputTime is what commands of a process that has ended get to close its stderr, which they may keep open.
	outputTime = 10 * time.Second
)

// A process is a child in a process group of its own, with its stderr kept. It is killed when this process
// dies; commands that it started are killed with it.
type process struct {
	cmd    *exec.Cmd
	stderr *tail
	done   chan struct{} // closed when the process has ended; then err and state are set
	state  *os.ProcessState
}

func startProcess(p Program, dir string, stdin io.Reader, args []string) (*process, error) {
	pr := &process{stderr: newTail(), done: make(chan struct{})}
	pr.cmd = exec.Command(p.Path, append(append([]string{}, p.Args...), args...)...)
	pr.cmd.Dir, pr.cmd.Stdin = dir, stdin
	pr.cmd.Stdout, pr.cmd.Stderr = pr.stderr, pr.stderr
	pr.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	pr.cmd.WaitDelay = outputTime
	started := make(chan error)
	go func() {
		// It is killed when the thread ends that started it, as threads do on which a migration
		// of this process runs.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := pr.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = pr.cmd.Wait() // the outcome is in ProcessState
		pr.state = pr.cmd.ProcessState
		close(pr.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	return pr, nil
}

func (pr *process) pid() int { return pr.cmd.Process.Pid }

// wait returns how the process ended.
func (pr *process) wait(ctx context.Context) (*os.ProcessState, error) {
	select {
	case <-pr.done:
		return pr.state, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("process still runs: %w", context.Cause(ctx))
	}
}

// terminate ends the process with SIGTERM, as management tools do, and kills the group if that takes long.
func (pr *process) terminate() error {
	_ = pr.cmd.Process.Signal(syscall.SIGTERM) // fails only when it has just ended
	select {
	case <-pr.done:
		pr.killGroup()
		return nil
	case <-time.After(stopTime):
		pr.kill()
		return errors.New("process did not end after SIGTERM")
	}
}

func (pr *process) kill() {
	pr.killGroup()
	<-pr.done
}

// killGroup also reaches the commands of a process that has ended.
func (pr *process) killGroup() { syscall.Kill(-pr.pid(), syscall.SIGKILL) }
