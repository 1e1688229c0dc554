package chardev

import (
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// terminal is a terminal whose settings are changed for a while.
type terminal struct {
	fd       int
	old      unix.Termios
	signals  bool // keys may send signals
	resumed  chan os.Signal
	watching sync.WaitGroup
}

// newTerminal returns nil for files that are no terminal.
func newTerminal(f *os.File, signals bool) *terminal {
	t := &terminal{fd: int(f.Fd()), signals: signals}
	old, err := unix.IoctlGetTermios(t.fd, unix.TCGETS)
	if err != nil {
		return nil
	}
	t.old = *old
	return t
}

// set lets every key through at once and unseen, or with echo leaves lines and echo to the terminal. A process that is
// continued after a stop finds the settings changed, and sets them again.
func (t *terminal) set(echo bool) {
	tty := t.old
	if !echo {
		tty.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		tty.Oflag |= unix.OPOST
		tty.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
		tty.Cflag = tty.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
		tty.Cc[unix.VMIN], tty.Cc[unix.VTIME] = 1, 0
	}
	if !t.signals {
		tty.Lflag &^= unix.ISIG
	}
	_ = unix.IoctlSetTermios(t.fd, unix.TCSETS, &tty)
	if t.resumed != nil {
		return
	}
	t.resumed = make(chan os.Signal, 1)
	signal.Notify(t.resumed, unix.SIGCONT)
	t.watching.Go(func() {
		for range t.resumed {
			_ = unix.IoctlSetTermios(t.fd, unix.TCSETS, &tty)
		}
	})
}

// restore brings back what was.
func (t *terminal) restore() {
	if t.resumed != nil {
		signal.Stop(t.resumed)
		close(t.resumed)
		t.watching.Wait()
	}
	_ = unix.IoctlSetTermios(t.fd, unix.TCSETS, &t.old)
}

// makeRaw switches a terminal to bytes without meaning.
func makeRaw(fd int) error {
	tty, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	tty.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	tty.Oflag &^= unix.OPOST
	tty.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	tty.Cflag = tty.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	tty.Cc[unix.VMIN], tty.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, tty)
}
