package conformance

import (
	"bytes"
	"context"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A client is a connection to a monitor. What comes in is kept until it is asked for.
type client struct {
	conn   *net.UnixConn
	text   bool // the text monitor
	inline bool // events keep their place among the replies

	mu      sync.Mutex
	partial []byte // of a line, or of a text monitor's output
	replies []string
	events  []string
	eof     bool
	changed chan struct{} // closed and replaced with each arrival
}

// eofLine is what a client receives that asks for something after the end of its connection.
const eofLine = "EOF"

func dial(ctx context.Context, path string, text, inline bool) (*client, error) {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err == nil {
			c := &client{conn: conn.(*net.UnixConn), text: text, inline: inline, changed: make(chan struct{})}
			go c.read()
			return c, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(time.Millisecond):
		}
	}
}

func (c *client) read() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.conn.Read(buffer)
		c.mu.Lock()
		c.partial = append(c.partial, buffer[:n]...)
		for !c.text {
			line, rest, whole := bytes.Cut(c.partial, []byte("\r\n"))
			if !whole {
				break
			}
			c.add(string(line))
			c.partial = rest
		}
		c.eof = err != nil
		close(c.changed)
		c.changed = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// isReply tells a reply from a greeting.
func isReply(line string) bool { return !strings.HasPrefix(line, `{"QMP": `) }

func (c *client) add(line string) {
	if !c.inline && strings.Contains(line, `"event": "`) && strings.Contains(line, `"timestamp": `) {
		c.events = append(c.events, line)
	} else {
		c.replies = append(c.replies, line)
	}
}

// wait returns once enough is true, or nothing has come for as long as patience says.
func (c *client) wait(patience time.Duration, enough func() bool) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		c.mu.Lock()
		ok, changed, eof := enough(), c.changed, c.eof
		c.mu.Unlock()
		if ok || eof {
			return ok
		}
		select {
		case <-changed:
		case <-timer.C:
			return false
		}
	}
}

func (c *client) has(replies int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.replies) >= replies || c.eof
}

// take returns the replies that came, and forgets them.
func (c *client) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	replies := c.replies
	if c.replies = nil; c.eof && len(replies) == 0 {
		replies = []string{eofLine}
	}
	return replies
}

// takeEvents returns the events up to and with the first that holds all of some texts.
func (c *client) takeEvents(patience time.Duration, texts []string) []string {
	seen := 0
	found := c.wait(patience, func() bool {
		for ; seen < len(c.events); seen++ {
			if containsAll(c.events[seen], texts) {
				seen++
				return true
			}
		}
		return false
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	events := c.events[:seen]
	c.events = c.events[seen:]
	if !found {
		events = append(events[:seen:seen], noEvent)
	}
	return events
}

func containsAll(s string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(s, text) {
			return false
		}
	}
	return true
}

const prompt = "(qemu) "

// escape is what a line editor moves the cursor with.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// takeText returns the lines that the text monitor printed for a command, without the echo of the command.
func (c *client) takeText(patience time.Duration) []string {
	ended := c.wait(patience, func() bool { return bytes.HasSuffix(c.partial, []byte(prompt)) })
	c.mu.Lock()
	defer c.mu.Unlock()
	output := string(c.partial)
	c.partial = nil
	if _, rest, ok := strings.Cut(output, "\r\n"); ok {
		output = rest
	}
	output = escape.ReplaceAllString(strings.TrimSuffix(output, prompt), "")
	lines := strings.Split(strings.TrimSuffix(output, "\r\n"), "\r\n")
	switch {
	case ended && output == "":
		return nil
	case ended:
		return lines
	case output == "":
		lines = nil
	}
	if c.eof {
		return append(lines, eofLine)
	}
	return append(lines, "(no prompt)")
}

// send writes bytes, with descriptors if there are any, which it closes.
func (c *client) send(text string, files []*os.File) {
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		rights = unix.UnixRights(fds...)
	}
	// The end of a connection is seen by the reader.
	_, _, _ = c.conn.WriteMsgUnix([]byte(text), rights, nil)
	for _, f := range files {
		f.Close()
	}
}
