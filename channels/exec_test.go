package channels

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// hasty leaves commands next to no time; patient leaves them more than a test may take.
func hasty() patience {
	return patience{finish: time.Millisecond, notice: time.Millisecond, term: 50 * time.Millisecond, cut: 20 * time.Millisecond, kill: 20 * time.Second}
}

func patient() patience {
	return patience{finish: time.Hour, notice: time.Hour, term: time.Hour, cut: time.Hour, kill: time.Hour}
}

func sh(script string) ExecAddress { return ExecAddress{[]string{shell, "-c", script}} }

func mustStart(t *testing.T, f func(ExecAddress, patience) (Conn, error), script string, p patience) *command {
	t.Helper()
	c, err := f(sh(script), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.(*command).process.signal(unix.SIGKILL)
		c.Close()
	})
	return c.(*command)
}

func TestExecWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	c := mustStart(t, startSink, "sleep 0.05; cat > "+path+"; echo noise; echo end >> "+path, patient())
	io.WriteString(c, "stream ")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	// Close waited for all of it, and what went to standard output disturbed nobody.
	if got, _ := os.ReadFile(path); string(got) != "stream end\n" {
		t.Errorf("%q", got)
	}
	wantGone(t, c)
}

// Standard input stays open for a command that is read from.
func TestExecReads(t *testing.T) {
	c := mustStart(t, startSource, "echo stream; cat", patient())
	b := make([]byte, 7)
	if _, err := io.ReadFull(c, b); string(b) != "stream\n" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	c.closeOther()
	if n, err := c.Read(b); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	wantGone(t, c)
}

// wantGone checks that the process and its group are no more, not even as zombies.
func wantGone(t *testing.T, c *command) {
	t.Helper()
	if err := unix.Kill(-c.process.handle.Pid, 0); err != unix.ESRCH {
		t.Errorf("process group %d is still there: %v", c.process.handle.Pid, err)
	}
}

func TestExecFailures(t *testing.T) {
	for script, want := range map[string]string{
		"exit 3":                   "Command 'exec:exit 3' failed with exit status 3",
		"cat > /dev/null; exit 1":  "Command 'exec:cat > /dev/null; exit 1' failed with exit status 1",
		"kill -9 $$":               "Command 'exec:kill -9 $$' was ended by signal 9 (killed)",
		"/nonexistent 2>/dev/null": "Command 'exec:/nonexistent 2>/dev/null' failed with exit status 127",
		"kill -PIPE $$":            "Command 'exec:kill -PIPE $$' was ended by signal 13 (broken pipe)",
	} {
		c := mustStart(t, startSink, script, patient())
		for range 2 {
			err := c.Close()
			if e, ok := errors.AsType[*ExitError](err); !ok || e.Killed || err.Error() != want {
				t.Errorf("%s: %v", script, err)
			}
		}
		if strings.Contains(script, "cat") {
			continue // waits for input when it is read from
		}
		c = mustStart(t, startSource, script, patient())
		io.Copy(io.Discard, c)
		if err := c.Close(); err == nil || err.Error() != want {
			t.Errorf("reading, %s: %v", script, err)
		}
	}
}

// A reader that has enough may leave: the command's complaint about that is not an error.
func TestExecReaderLeaves(t *testing.T) {
	for _, script := range []string{"exec cat /dev/zero", "cat /dev/zero; exit $?", "exec sleep 1000"} {
		c := mustStart(t, startSource, script, hasty())
		if strings.Contains(script, "zero") {
			c.process.limits = patient()
			if n, err := c.Read(make([]byte, 10)); n != 10 || err != nil {
				t.Errorf("%s: %d, %v", script, n, err)
			}
		}
		if err := c.Close(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		wantGone(t, c)
	}
}

func TestExecDies(t *testing.T) {
	c := mustStart(t, startSink, "exec head -c 10 > /dev/null", patient())
	var err error
	for err == nil {
		_, err = c.Write(make([]byte, 1000))
	}
	if !errors.Is(err, syscall.EPIPE) || err.Error() != "Unable to write to command: Broken pipe" {
		t.Errorf("%v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// A command that does not end is killed with all its children; after a Shutdown that is as it should be, after a Close
// it is an error, for what was written may be lost.
func TestExecKilled(t *testing.T) {
	for _, script := range []string{
		"exec sleep 1000", "sleep 1000; sleep 1001", "sleep 1000 | sleep 1001", "sleep 1000 & exec sleep 1001",
		"trap '' TERM; while :; do sleep 0.01; done", // children that ignore SIGTERM, too
	} {
		c, alive := startWatched(t, startSink, script)
		err := c.Close()
		want := "Command '" + c.String() + "' did not end in time and was killed"
		if e, ok := errors.AsType[*ExitError](err); !ok || !e.Killed || e.Error() != want {
			t.Errorf("%s: %v", script, err)
		}
		wantAllGone(t, alive)

		c, alive = startWatched(t, startSink, script)
		c.Shutdown()
		if err := c.Close(); err != nil {
			t.Errorf("after Shutdown, %s: %v", script, err)
		}
		wantAllGone(t, alive)

		c, alive = startWatched(t, startSource, script)
		c.Shutdown()
		c.Shutdown()
		<-c.process.done // without Close
		wantAllGone(t, alive)
	}
}

// startWatched starts a command that then has next to no time to end. The file ends when the command and all its
// children are dead.
func startWatched(t *testing.T, f func(ExecAddress, patience) (Conn, error), script string) (*command, *os.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alive")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustStart(t, f, "exec 9> "+path+"; echo ready >&9; "+script, patient())
	alive, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { alive.Close() })
	alive.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.ReadFull(alive, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	c.process.limits = hasty()
	return c, alive
}

func wantAllGone(t *testing.T, alive *os.File) {
	t.Helper()
	if _, err := io.ReadAll(alive); err != nil {
		t.Errorf("somebody survived: %v", err)
	}
}

// Shutdown ends a Close that waits for the command.
func TestExecShutdownEndsClose(t *testing.T) {
	p := patient()
	p.cut = time.Millisecond
	c := mustStart(t, startSink, "exec sleep 1000", p)
	closed := make(chan error)
	go func() { closed <- c.Close() }()
	select {
	case err := <-closed:
		t.Fatalf("Close did not wait: %v", err)
	default:
	}
	c.Shutdown()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	wantGone(t, c)
}

func TestExecCannotStart(t *testing.T) {
	dir := t.TempDir()
	for program, want := range map[string]string{
		"/nonexistent": "Failed to execute child process “/nonexistent” (No such file or directory)",
		"cat":          "Failed to execute child process “cat” (No such file or directory)", // $PATH is not searched
		dir:            "Failed to execute child process “" + dir + "” (Permission denied)",
		"":             "Failed to execute child process “” (No such file or directory)",
		"/bin/\x00":    "Failed to execute child process “/bin/\x00” (Invalid argument)",
	} {
		a := Address{Transport: TransportExec, Exec: ExecAddress{[]string{program}}}
		if _, err := Dial(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("dialling %q: %v", program, err)
		}
		if _, err := Listen(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("listening on %q: %v", program, err)
		}
	}
	a := Address{Transport: TransportExec}
	if _, err := Dial(context.Background(), a); err == nil {
		t.Error("dialled nothing")
	}
	if _, err := Listen(context.Background(), a); err == nil {
		t.Error("listened on nothing")
	}
}

// The empty command is one that does nothing.
func TestExecEmpty(t *testing.T) {
	c := mustStart(t, startSource, "", patient())
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
