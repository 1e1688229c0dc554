package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	startTime = 2 * time.Minute // until the greeting has come, on a machine that has much else to do
	// serialName and qmpName are the emulator's files in its folder. Paths of unix sockets are limited to
	// 107 bytes, hence short names in a short folder.
	serialName = "serial"
	qmpName    = "qmp"
)

// An Emulator is one running emulator with its monitor.
type Emulator struct {
	Program Program
	Name    string   // for messages
	Dir     string   // its own folder: it runs in it; gone after Stop
	Monitor *Monitor // negotiated

	proc    *process
	stopped bool
	sockets int // that were named in Dir
	// StartTime is what passed from the start of the process to its QMP greeting.
	StartTime time.Duration
}

// Start starts p with args and waits for its QMP greeting. The serial port's output goes to a file, see
// Serial. The caller must Stop it.
func Start(ctx context.Context, p Program, name string, args ...string) (*Emulator, error) {
	dir, err := os.MkdirTemp("", "qm")
	if err != nil {
		return nil, err
	}
	e := &Emulator{Program: p, Name: fmt.Sprintf("%s (%s)", name, p.Name), Dir: dir}
	path := filepath.Join(dir, qmpName)
	// Two threads of a real QEMU read from who connects while it starts: it greets twice, mixes bytes up or answers
	// nothing. Where it connects itself only one does.
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	defer l.Close()
	full := append([]string{"-display", "none", "-serial", "file:" + filepath.Join(dir, serialName), "-qmp", "unix:" + path}, args...)
	begin := time.Now()
	if e.proc, err = startProcess(p, dir, nil, full); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := e.connect(ctx, l); err != nil {
		e.proc.kill()
		os.RemoveAll(dir)
		return nil, e.explain(err)
	}
	e.StartTime = e.Monitor.greeted.Sub(begin)
	return e, nil
}

// connect opens the monitor as soon as the emulator connects, and waits for its greeting.
func (e *Emulator) connect(ctx context.Context, l *net.UnixListener) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errors.New("no QMP greeting in time"))
	defer cancel()
	go func() {
		select {
		case <-e.proc.done:
		case <-ctx.Done():
		}
		l.Close()
	}()
	conn, err := l.AcceptUnix()
	if err == nil {
		e.Monitor, err = Negotiate(ctx, conn)
	}
	if err == nil {
		return nil
	}
	select { // who closes the connection is about to end
	case <-e.proc.done:
		return fmt.Errorf("ended with %v before it greeted on QMP", e.proc.state)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
}

// socket returns a path for one more socket in the emulator's folder.
func (e *Emulator) socket() string {
	e.sockets++
	return filepath.Join(e.Dir, fmt.Sprint("mig", e.sockets))
}

// PID returns the process id.
func (e *Emulator) PID() int { return e.proc.pid() }

// Stderr returns the end of what the emulator printed.
func (e *Emulator) Stderr() string { return e.proc.stderr.String() }

// Wait waits for the emulator to end by itself.
func (e *Emulator) Wait(ctx context.Context) (Exit, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errors.New("emulator did not end in time"))
	defer cancel()
	state, err := e.proc.wait(ctx)
	if err != nil {
		return Exit{}, e.explain(err)
	}
	return e.proc.exit(state), nil
}

// Stop ends the emulator in an orderly way and removes its folder. The error tells that it had to be
// killed, or that its exit status was not 0 although it was alive. A second Stop does nothing.
func (e *Emulator) Stop() error {
	if e.stopped {
		return nil
	}
	e.stopped = true
	defer os.RemoveAll(e.Dir)
	e.Monitor.Close()
	select {
	case <-e.proc.done:
		e.proc.killGroup()
		return nil
	default:
	}
	if err := e.proc.terminate(); err != nil {
		return e.explain(err)
	}
	if !e.proc.state.Success() {
		return e.explain(fmt.Errorf("ended with %v after SIGTERM", e.proc.state))
	}
	return nil
}

// Close is Stop for where it does not matter how the emulator ends.
func (e *Emulator) Close() { _ = e.Stop() }

// Signal sends it a signal; an error tells that it has ended.
func (e *Emulator) Signal(s syscall.Signal) error { return e.proc.cmd.Process.Signal(s) }

// Kill ends the emulator at once, as a crash would.
func (e *Emulator) Kill() { e.proc.kill() }

// explain adds who and what it last said to an error.
func (e *Emulator) explain(err error) error {
	if err == nil {
		return nil
	}
	if text := e.Stderr(); text != "" {
		return fmt.Errorf("%s: %w\nits output: %s", e.Name, err, text)
	}
	return fmt.Errorf("%s: %w", e.Name, err)
}
