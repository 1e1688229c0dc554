package channels

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
)

// command is a Conn to a process: its standard input for writing or its standard output for reading.
type command struct {
	*stream
	process *process
	other   *os.File // reading only: the standard input, which says nothing but stays open as long as the channel
	ended   atomic.Bool

	stopping sync.Once
	closing  sync.Once
	closeErr error
}

// startSink starts a command that is written to. What it prints goes nowhere.
func startSink(a ExecAddress, limits patience) (Conn, error) {
	in, ours, err := os.Pipe()
	if err != nil {
		return nil, fail("Unable to open pipe", err)
	}
	defer in.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		ours.Close()
		return nil, fail("Unable to open "+os.DevNull, err)
	}
	defer null.Close()
	return a.start(in, null, ours, nil, limits)
}

// startSource starts a command that is read from. Its standard input stays open, as programs that relay both ways would
// take its end for a reason to leave.
func startSource(a ExecAddress, limits patience) (Conn, error) {
	in, other, err := os.Pipe()
	if err != nil {
		return nil, fail("Unable to open pipe", err)
	}
	defer in.Close()
	ours, out, err := os.Pipe()
	if err != nil {
		other.Close()
		return nil, fail("Unable to open pipe", err)
	}
	defer out.Close()
	return a.start(in, out, ours, other, limits)
}

func (a ExecAddress) start(in, out, ours, other *os.File, limits patience) (Conn, error) {
	c := &command{other: other}
	var err error
	if len(a.Args) == 0 {
		err = errors.New("the command to execute is empty")
	} else if c.process, err = startProcess(a.Args, in, out, limits); err == nil {
		c.stream, err = newStream(ours, a.String(), nounCommand)
	}
	if err != nil {
		ours.Close()
		other.Close() // nil is fine
		return nil, err
	}
	return c, nil
}

// Read and ReadVec remember the end of the stream: before it, the command's death by SIGPIPE is our doing.
func (c *command) Read(p []byte) (int, error) {
	n, err := c.stream.Read(p)
	return n, c.note(err)
}

func (c *command) ReadVec(iov [][]byte) (int, error) {
	n, err := c.stream.ReadVec(iov)
	return n, c.note(err)
}

// ReadWhole is as those.
func (c *command) ReadWhole(iov [][]byte) (int, error) {
	n, err := c.stream.ReadWhole(iov)
	return n, c.note(err)
}

func (c *command) note(err error) error {
	if err != nil {
		c.ended.Store(true)
	}
	return err
}

// Shutdown cuts the pipes and leaves the process a moment to end before it is killed. It does not wait for that, but
// whoever waits for the process is free soon: nothing that it could still do is of use.
func (c *command) Shutdown() error {
	err := c.stream.Shutdown()
	c.closeOther()
	c.stopping.Do(func() { go c.process.stop(c.process.limits.cut, c.process.limits.cut) })
	return err
}

func (c *command) closeOther() {
	if c.other != nil {
		c.other.Close()
	}
}

// Close cuts the pipes and waits for the process, which may have much to finish after its last byte of input. It is
// killed when it takes too long or Shutdown is called. The error is an *ExitError if the command failed.
func (c *command) Close() error {
	c.closing.Do(func() {
		err := c.stream.Close()
		c.closeOther()
		grace := c.process.limits.finish
		if c.other != nil {
			grace = c.process.limits.notice
		}
		c.process.stop(grace, c.process.limits.term)
		if c.closeErr = c.verdict(); c.closeErr == nil {
			c.closeErr = err
		}
	})
	return c.closeErr
}

// verdict tells whether the command failed on its own account.
func (c *command) verdict() error {
	exit := c.process.result()
	reading := c.other != nil
	switch {
	case exit == nil, c.down.Load(), reading && !c.ended.Load() && exit.brokenPipe():
		return nil
	case reading && !c.ended.Load() && exit.Killed:
		return nil
	}
	return exit
}
