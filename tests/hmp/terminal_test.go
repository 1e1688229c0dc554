package hmp

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/screen"
)

// terminal is a person's terminal with a program in it.
type terminal struct {
	t    *testing.T
	keys *os.File
	end  chan error // how the program ended

	mu    sync.Mutex
	shown screen.Screen
}

// inTerminal starts a program whose standard input and output are a terminal.
func inTerminal(t *testing.T, p emulator.Program, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	emulator.Must(t, err)
	emulator.Must(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	emulator.Must(t, err)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	emulator.Must(t, err)
	defer slave.Close()
	cmd := exec.Command(p.Path, append(p.Args, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	emulator.Must(t, cmd.Start())
	v := &terminal{t: t, keys: master, end: make(chan error, 1)}
	go func() { v.end <- cmd.Wait() }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			v.mu.Lock()
			v.shown.Write(buf[:n])
			v.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		master.Close()
		if faults := v.shown.Faults(); len(faults) > 0 || t.Failed() {
			t.Errorf("%q\n%s", faults, strings.Join(v.shown.Rows(), "\n"))
		}
	})
	return v
}

// press types keys.
func (v *terminal) press(keys string) {
	v.t.Helper()
	_, err := v.keys.Write([]byte(keys))
	emulator.Must(v.t, err)
}

// await waits until the rows of the screen match, joined by line ends.
func (v *terminal) await(pattern string) string {
	v.t.Helper()
	want := regexp.MustCompile(pattern)
	for limit := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		v.mu.Lock()
		rows := strings.Join(v.shown.Rows(), "\n")
		v.mu.Unlock()
		if want.MatchString(rows) {
			return rows
		}
		if time.Now().After(limit) {
			v.t.Fatalf("%s never came:\n%s", pattern, rows)
		}
	}
}

// TestTerminal is a person at a terminal: completion, history, and a migration that is watched.
func TestTerminal(t *testing.T) {
	server := emulator.NeedServer(t)
	there := emulator.Launch(t, server, "destination", "-machine", "memtest,workload=stress,rate=10M", "-m", "256",
		"-incoming", "defer")
	socket := "unix:" + there.Dir + "/mig"
	emulator.Must(t, there.Monitor.Execute(t.Context(), "migrate-incoming", map[string]any{"uri": socket}, nil))

	v := inTerminal(t, server, "-machine", "memtest,workload=stress,rate=10M", "-m", "256", "-monitor", "stdio")
	v.await(`^QEMU 10\.\d+\.\d+ monitor - type 'help' for more information\n\(qemu\) $`)
	v.press("info mig\t")
	v.await(`\nmigrate               migrate_capabilities  migrate_parameters    \n\(qemu\) info migrate$`)
	v.press("\r")
	v.await(`clear-bitmap-shift: 18\n\(qemu\) $`)
	v.press("migrate_set_par\tmax-b\t4\r")
	v.await(`\(qemu\) migrate_set_parameter max-bandwidth 4\n\(qemu\) $`)
	v.press("migrate -d " + socket + "\r")
	v.await(`\n\(qemu\) migrate -d \S+/mig\n\(qemu\) $`)
	v.press("info migrate\r")
	for active := 0; active < 3; { // looks again and again, through the history
		v.await(`total time: \d+ ms\n(.*\n)*\(qemu\) $`)
		v.press("\x0c")
		v.await(`^\(qemu\) $`)
		v.press("\x1b[A\x1b[A\x1b[B\r")
		if strings.Contains(v.await(`^\(qemu\) info migrate\nglobals:\n(.*\n)*total time: (.*\n)*\(qemu\) $`), "status: active\n") {
			active++
		}
	}
	v.await(`total ram: 26\d+ kbytes\n`)
	v.press("info statsu\x1b[D\x7f\x1b[Cs\b\x7f\x7f")
	v.await(`\n\(qemu\) info sta$`)
	v.press("\x15migrate_cancel\r")
	v.await(`\n\(qemu\) migrate_cancel\n\(qemu\) $`)
	// The stream ends where it is, and with it the destination.
	if exit, err := there.Wait(t.Context()); err != nil || exit.Status != 1 {
		t.Errorf("the destination ended with %v, %v", exit, err)
	}
	v.press("q\r")
	if err := <-v.end; err != nil {
		t.Error(err)
	}
	v.await(`\n\(qemu\) q$`)
}
