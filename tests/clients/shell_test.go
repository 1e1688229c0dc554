package clients

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// terminal is a program on a terminal of its own.
type terminal struct {
	t     *testing.T
	pty   *os.File
	shown string // everything that was printed
	at    int    // up to where it was expected
}

func onTerminal(t *testing.T, cmd *exec.Cmd) *terminal {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	emulator.Must(t, err)
	pty := os.NewFile(uintptr(fd), "ptmx")
	emulator.Must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	emulator.Must(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 200}))
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		t.Fatal(errno)
	}
	tty := os.NewFile(peer, "tty")
	defer tty.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	emulator.Must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		pty.Close()
	})
	return &terminal{t: t, pty: pty}
}

// expect waits for a text, and returns all that was printed since the last one.
func (m *terminal) expect(text string) string {
	m.t.Helper()
	emulator.Must(m.t, m.pty.SetReadDeadline(time.Now().Add(time.Minute)))
	buf := make([]byte, 4096)
	for {
		if i := strings.Index(m.shown[m.at:], text); i >= 0 {
			part := m.shown[m.at : m.at+i+len(text)]
			m.at += len(part)
			return part
		}
		n, err := m.pty.Read(buf)
		m.shown += string(buf[:n])
		if err != nil {
			m.t.Fatalf("no %q: %v; the terminal shows\n%s", text, err, m.shown)
		}
	}
}

func (m *terminal) enter(text string) {
	m.t.Helper()
	_, err := m.pty.WriteString(text + "\n")
	emulator.Must(m.t, err)
}

// TestQMPShell is a session of a person with qmp-shell.
func TestQMPShell(t *testing.T) {
	for _, p := range []emulator.Program{emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)} {
		t.Run(p.Name, func(t *testing.T) {
			_, path := running(t, p)
			shell := onTerminal(t, python(t, "-m", "qemu.qmp.qmp_shell", path))
			shell.expect("Connected to QEMU 10.0.")
			const prompt = "(QEMU) "
			shell.expect(prompt)
			for _, c := range []struct{ command, want string }{
				{"query-status", `"running": true`},
				{"nope", "The command nope has not been found"},
				{"migrate-set-parameters downtime-limit=777", `{"return": {}}`},
				{"query-migrate-parameters", `"downtime-limit": 777`},
				{"query-migrate-p\t", `"downtime-limit": 777`}, // its completion comes from query-commands
				{"migrate-set-capabilities capabilities=[{'capability':'events','state':true}]", `{"return": {}}`},
				{"stop", `{"return": {}}`},
				{"", `{'timestamp'`}, // the event, as Python shows it
				{"quit", `{"return": {}}`},
			} {
				shell.enter(c.command)
				shell.expect(c.want)
				if c.command != "quit" {
					shell.expect(prompt)
				}
			}
		})
	}
}

// TestHMPShell is the same with -H: qmp-shell sends each line by human-monitor-command.
func TestHMPShell(t *testing.T) {
	for _, p := range []emulator.Program{emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)} {
		t.Run(p.Name, func(t *testing.T) {
			_, path := running(t, p)
			shell := onTerminal(t, python(t, "-m", "qemu.qmp.qmp_shell", "-H", path))
			shell.expect("Welcome to the HMP shell!")
			const prompt = "(QEMU) "
			shell.expect(prompt)
			for _, c := range []struct{ command, want string }{
				{"info status", "VM status: running"},
				{"stop", ""},
				{"info migrate_cap\t", "zero-blocks: off"},
				{"nope", "unknown command: 'nope'"},
				{"migrate_set_parameter downtime-limit 777", ""},
				{"info migrate_parameters", "downtime-limit: 777 ms"},
				{"cpu 0", ""},
			} {
				shell.enter(c.command)
				shell.expect(c.want)
				shell.expect(prompt)
			}
		})
	}
}
