package channels

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A prompt channel holds little back.
func TestPrompt(t *testing.T) {
	for _, c := range []struct {
		uri           string
		level, option int
		most          int
	}{
		{"unix:" + filepath.Join(t.TempDir(), "s"), unix.SOL_SOCKET, unix.SO_SNDBUF, 2 * unsent}, // the kernel doubles it
		{"tcp:127.0.0.1:0", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent},
	} {
		conn, _ := connected(t, c.uri)
		Prompt(conn)
		if err := conn.(*stream).control(func(fd int) error {
			n, err := unix.GetsockoptInt(fd, c.level, c.option)
			if n > c.most || n == 0 {
				t.Errorf("%s holds %d bytes back", c.uri, n)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
}
