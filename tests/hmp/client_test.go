package hmp

import (
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

const prompt = "(qemu) "

// client is one connection to a text monitor.
type client struct {
	t    *testing.T
	conn net.Conn
}

// start starts an emulator with a text monitor, and connects to that.
func start(t *testing.T, p emulator.Program, args ...string) *client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "hmp")
	args = append([]string{"-nodefaults", "-monitor", "unix:" + socket + ",server=on,wait=off"}, args...)
	if p.QEMU {
		args = append(args, "-accel", "tcg")
	}
	emulator.Launch(t, p, "monitor", args...)
	conn, err := net.Dial("unix", socket)
	emulator.Must(t, err)
	t.Cleanup(func() { conn.Close() })
	c := &client{t: t, conn: conn}
	if got := c.read(); !regexp.MustCompile(`^QEMU 10\.\d+\.\d+ monitor - type 'help' for more information\r\n$`).MatchString(got) {
		t.Errorf("%s greets with %q", p, got)
	}
	return c
}

// run types a line and returns what it printed, without the echo.
func (c *client) run(line string) string {
	c.t.Helper()
	_, err := c.conn.Write([]byte(line + "\n"))
	emulator.Must(c.t, err)
	_, output, ok := strings.Cut(c.read(), "\r\n")
	if !ok {
		c.t.Fatalf("%s: the echo does not end", line)
	}
	return output
}

// read takes everything up to the prompt.
func (c *client) read() string {
	c.t.Helper()
	emulator.Must(c.t, c.conn.SetReadDeadline(time.Now().Add(time.Minute)))
	var text []byte
	buf := make([]byte, 4096)
	for !strings.HasSuffix(string(text), prompt) {
		n, err := c.conn.Read(buf)
		text = append(text, buf[:n]...)
		if err != nil {
			c.t.Fatalf("%v after %q", err, text)
		}
	}
	return strings.TrimSuffix(string(text), prompt)
}
