package hugepages

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Whoever looks for free pages while another test is about to use them would count them, too.
func TestOneAtATime(t *testing.T) {
	other, err := os.Open(total)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	try := func() error { return unix.Flock(int(other.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
	t.Run("test", func(t *testing.T) {
		alone(t)
		if err := try(); err != unix.EWOULDBLOCK {
			t.Errorf("while a test has them: %v", err)
		}
	})
	t.Run("another", func(t *testing.T) { alone(t) })
}
