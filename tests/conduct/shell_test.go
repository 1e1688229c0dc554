package conduct

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// person is somebody at a terminal in which the shell runs.
type person struct {
	terminal *os.File // what the keyboard and the screen are connected to
	cmd      *exec.Cmd
	mu       sync.Mutex
	screen   []byte
	more     chan struct{}
	done     chan struct{} // closed when the shell's end of the terminal is
}

func sit(t *testing.T, home string, p emulator.Program, args ...string) *person {
	t.Helper()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	emulator.Must(t, err)
	emulator.Must(t, unix.IoctlSetPointerInt(int(terminal.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPTN)
	emulator.Must(t, err)
	emulator.Must(t, unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	inner, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	emulator.Must(t, err)
	defer inner.Close()
	y := &person{terminal: terminal, cmd: exec.Command(p.Path, args...), more: make(chan struct{}, 1), done: make(chan struct{})}
	y.cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+home, "TERM=xterm")
	y.cmd.Stdin, y.cmd.Stdout, y.cmd.Stderr = inner, inner, inner
	y.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	emulator.Must(t, y.cmd.Start())
	go y.watch()
	t.Cleanup(func() {
		_ = y.cmd.Process.Kill()
		_ = y.cmd.Wait()
		<-y.done
		terminal.Close()
	})
	return y
}

func (y *person) watch() {
	defer close(y.done)
	buf := make([]byte, 4096)
	for {
		n, err := y.terminal.Read(buf)
		if err != nil {
			return
		}
		y.mu.Lock()
		y.screen = append(y.screen, buf[:n]...)
		y.mu.Unlock()
		select {
		case y.more <- struct{}{}:
		default:
		}
	}
}

// sees waits until text is on the screen, and forgets what is before it.
func (y *person) sees(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		y.mu.Lock()
		before, after, found := strings.Cut(string(y.screen), text)
		if found {
			y.screen = []byte(after)
			y.mu.Unlock()
			return
		}
		y.mu.Unlock()
		select {
		case <-y.more:
		case <-deadline:
			t.Fatalf("%q is not on the screen: %q", text, before)
		}
	}
}

func (y *person) types(t *testing.T, keys string) {
	t.Helper()
	_, err := y.terminal.WriteString(keys)
	emulator.Must(t, err)
}

// leaves checks that the shell ends by itself, well.
func (y *person) leaves(t *testing.T) {
	t.Helper()
	killer := time.AfterFunc(time.Minute, func() { _ = y.cmd.Process.Kill() })
	defer killer.Stop()
	if err := y.cmd.Wait(); err != nil {
		t.Errorf("shell: %v", err)
	}
}

// A person, a terminal, and a real QEMU or our own server: completion from the
// server's schema, events, history over two sessions.
func TestShell(t *testing.T) {
	server := emulator.NeedServer(t)
	for name, p := range map[string]emulator.Program{"10.0": emulator.NeedQEMU(t, "10.0"), "7.2": emulator.NeedQEMU(t, "7.2"), "own": server} {
		t.Run(name, func(t *testing.T) {
			machine := []string{"-machine", "pc", "-accel", "tcg", "-nodefaults"}
			if !p.QEMU {
				machine = []string{"-machine", "memtest,workload=idle", "-m", "8", "-nodefaults"}
			}
			peer, home := invite(t, p, "peer", machine...), t.TempDir()
			y := sit(t, home, server, "shell", peer.socket)
			y.sees(t, "(QMP) ")
			y.types(t, "query-statu\t\r")
			y.sees(t, `"status": "running"`)
			y.sees(t, "(QMP) ")
			y.types(t, "migrate-set-par\tmultifd-comp\t\t")
			y.sees(t, "zlib")
			y.types(t, "\x03migrate-set-parameters max-ba\t1G\r")
			y.sees(t, `"return": {}`)
			y.sees(t, "(QMP) ")
			y.types(t, "typing")
			y.sees(t, "typing")
			emulator.Must(t, peer.Execute(t.Context(), "stop", nil, nil)) // by the other monitor
			y.sees(t, " STOP\r\n(QMP) typing")
			y.types(t, "\x03\x04")
			y.leaves(t)

			y = sit(t, home, server, "shell", peer.socket)
			y.sees(t, "(QMP) ")
			y.types(t, "\x1b[A") // up
			y.sees(t, "migrate-set-parameters max-bandwidth=1G")
			y.types(t, "\x1b[A\r")
			y.sees(t, `"status": "paused"`)
			y.types(t, "quit\r")
			y.sees(t, "the QMP connection has ended")
			y.leaves(t)
			if exit, err := peer.Wait(t.Context()); err != nil || exit.Status != 0 {
				t.Errorf("%+v, %v", exit, err)
			}
		})
	}
}

// The text monitor, and a shell without a person.
func TestShellText(t *testing.T) {
	server := emulator.NeedServer(t)
	peer := invite(t, emulator.NeedQEMU(t, "10.0"), "peer", "-machine", "pc", "-accel", "tcg", "-nodefaults")
	y := sit(t, t.TempDir(), server, "shell", "--hmp", peer.socket)
	y.sees(t, "(qemu) ")
	y.types(t, "info stat\t\t")
	y.sees(t, "stats   status\r\n")
	y.types(t, "us\r")
	y.sees(t, "VM status: running")
	y.types(t, "exit\r")
	y.leaves(t)
	for _, tc := range []struct {
		args   []string
		status int
		output string
	}{
		{[]string{"-c", "query-name"}, 0, `{"return":{}}`},
		{[]string{"-c", "device_del id=x", "-c", "query-kvm"}, 1,
			`{"error":{"class":"DeviceNotFound","desc":"Device 'x' not found"}}` + "\n" + `{"return":{"enabled":false,"present":true}}`},
		{[]string{"--hmp", "-c", "info name"}, 0, ""},
		{[]string{"--hmp", "-c", "info nam"}, 1, "unknown command: 'info nam'"},
		{[]string{"-c", "netdev_add id=n type=user hostfwd=[{'str': 'x'}]"}, 1,
			`{"error":{"class":"GenericError","desc":"Invalid host forwarding rule 'x' (No : separators)"}}`},
	} {
		exit, err := emulator.Run(t.Context(), server, t.TempDir(), append([]string{"shell", peer.socket}, tc.args...)...)
		if err != nil || exit.Status != tc.status || exit.Output != tc.output {
			t.Errorf("%q: %v, status %d\n%s", tc.args, err, exit.Status, exit.Output)
		}
	}
}
