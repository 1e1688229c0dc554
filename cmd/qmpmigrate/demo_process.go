package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// program is what can be started as a server.
type program struct {
	path string
	args []string // before all others
}

// endTime is what a process gets to end by itself before it is killed.
const endTime = 5 * time.Second

// process is a child, in a process group of its own so that Ctrl-C is for its
// parent to deal with. It does not outlive its parent.
type process struct {
	cmd    *exec.Cmd
	output tail
	done   chan struct{} // closed when it has ended
}

func (p program) start(args ...string) (*process, error) {
	pr := &process{done: make(chan struct{})}
	pr.cmd = exec.Command(p.path, append(append([]string{}, p.args...), args...)...)
	pr.cmd.Stdout, pr.cmd.Stderr = &pr.output, &pr.output
	pr.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	pr.cmd.WaitDelay = endTime
	if err := pr.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = pr.cmd.Wait() // how it ended is in the command
		close(pr.done)
	}()
	return pr, nil
}

func (pr *process) pid() int { return pr.cmd.Process.Pid }

// resident is how much memory the process has, in bytes; 0 when that is not known.
func (pr *process) resident() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pr.pid()))
	if err != nil {
		return 0
	}
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	var kib int64
	_, _ = fmt.Sscan(line, &kib) // stays 0
	return kib << 10
}

// end ends the process, by force if it still runs after a while; that is an error.
func (pr *process) end(after time.Duration) error {
	_ = pr.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-pr.done:
		return nil
	case <-time.After(after):
	}
	_ = syscall.Kill(-pr.pid(), syscall.SIGKILL) // with its children
	<-pr.done
	return fmt.Errorf("process %d (%s) had to be killed", pr.pid(), filepath.Base(pr.cmd.Path))
}

// lastWords tells how a process that has ended did so.
func (pr *process) lastWords() string {
	<-pr.done
	words := pr.output.String()
	if words == "" {
		words = "no output"
	}
	return fmt.Sprintf("%v: %s", pr.cmd.ProcessState, words)
}

// tailSize is how much of a process's output is kept.
const tailSize = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text) - tailSize; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
