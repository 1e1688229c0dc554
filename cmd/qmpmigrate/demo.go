package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

const demoUsage = `usage: qmpmigrate demo [--qemu PATH]

Shows migrations on this machine, with nothing but this program: a guest that
never stops writing moves from one process to another, and every page of its
memory is checked where it arrives. Where there is a qemu-system-x86_64 (on the
PATH, or at --qemu PATH), a guest of that QEMU is then parked in qmpmigrate and
goes on in another QEMU.

Exit status: 0 all of it worked, 1 something did not (the reason is on the
standard error), 2 bad usage.
`

// demoTime bounds the whole demonstration, also on a machine that is very slow.
const demoTime = 3 * time.Minute

var errInterrupted = errors.New("interrupted")

// demoMain is the verb demo; args are what follows it. It gives the exit status.
func demoMain(args []string, stdout, stderr io.Writer) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(stderr, "qmpmigrate demo: %v\n", err)
		return 1
	}
	return demo{self: program{path: self}, memory: 512}.main(args, stdout, stderr)
}

// demo is what the demonstration is made of.
type demo struct {
	self   program // started as the servers
	memory int     // of our own guest, in MiB
}

func (d demo) main(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	qemu := flags.String("qemu", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, demoUsage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "qmpmigrate demo: %v\n%s", err, demoUsage)
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "qmpmigrate demo: unexpected argument %s\n%s", flags.Arg(0), demoUsage)
		return 2
	}
	if err := d.run(*qemu, newScreen(stdout)); err != nil {
		fmt.Fprintf(stderr, "qmpmigrate demo: %v\n", err)
		return 1
	}
	return 0
}

// run shows everything and leaves nothing behind, however it ends. qemu is
// where a QEMU was said to be, or empty.
func (d demo) run(qemu string, out *screen) (err error) {
	emulator, err := findQEMU(qemu)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), demoTime, fmt.Errorf("it took more than %v", demoTime))
	defer cancel()
	ctx, stop := interruptible(ctx)
	defer stop()
	stage, err := newStage(d.self)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.clear()) }()
	begin := time.Now()
	if err := ownGuest(ctx, stage, d.memory, out); err != nil {
		return err
	}
	if emulator.path == "" {
		out.note("A guest of a real QEMU is left out: no qemu-system-x86_64 on the PATH (--qemu PATH)")
		return nil
	}
	if err := parkGuest(ctx, stage, emulator, out); err != nil {
		return err
	}
	out.note(fmt.Sprintf("Both shown and checked in %s", span(time.Since(begin))))
	return nil
}

// interruptible ends ctx at the first Ctrl-C; a second one ends the process.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	// SIGPIPE: nobody reads any more what is shown.
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			signal.Stop(signals)
			cancel(errInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

const qemuName = "qemu-system-x86_64"

// findQEMU gives the QEMU to show; none when there is none and none was asked for.
func findQEMU(asked string) (program, error) {
	name := asked
	if name == "" {
		name = qemuName
	}
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return program{path: path}, nil
	case asked != "":
		return program{}, fmt.Errorf("no QEMU: %w", err)
	}
	return program{}, nil
}
