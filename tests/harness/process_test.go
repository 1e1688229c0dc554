package harness

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// A tool that probes starts a server that goes to the background, and finds it ready when the one it started ends.
func TestDaemonize(t *testing.T) {
	b := newBench(t)
	monitor := b.path("qmp.monitor")
	pid := b.daemon("-S", "-no-user-config", "-nodefaults", "-nographic", "-machine", "none,accel=kvm:tcg",
		"-qmp", "unix:"+monitor+",server=on,wait=off")
	b.leads(pid, map[string]string{"cwd": "/", "fd/0": "/dev/null", "fd/1": "/dev/null", "fd/2": "/dev/null"})
	if info, err := os.Stat(monitor); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	mon, err := emulator.DialMonitor(ctx, monitor)
	emulator.Must(t, err)
	emulator.Must(t, mon.Execute(ctx, "query-target", nil, nil))
	emulator.Must(t, syscall.Kill(pid, syscall.SIGTERM))
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if _, err := os.Stat(b.path("qmp.pid")); err != nil {
			return
		}
	}
	t.Error("the pid file is still there")
}

// What a server in the background has to say goes into its log.
func TestDaemonizeLogs(t *testing.T) {
	b := newBench(t)
	log := b.path("log")
	pid := b.daemon("-machine", "none", "-D", log, "-qmp", "unix:"+b.path("qmp.monitor")+",server=on,wait=off")
	b.leads(pid, map[string]string{"fd/1": "/dev/null", "fd/2": log})
	out, err := exec.Command(b.binary, "-daemonize", "-D", log, "-qmp", "unix:/nonexistent/x,server=on").CombinedOutput()
	text, _ := os.ReadFile(log)
	if err == nil || len(out) > 0 || !strings.Contains(string(text), "Failed to bind socket to /nonexistent/x") {
		t.Errorf("%v, %q; the log says %q", err, out, text)
	}
}

// daemon starts a server in the background and gives its number. It is ended with the test.
func (b *bench) daemon(args ...string) (pid int) {
	b.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(b.binary, append(args, "-pidfile", b.path("qmp.pid"), "-daemonize")...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	// Run reads the streams to their end: a process in the background that kept them would hold it up.
	if err := cmd.Run(); err != nil || out.Len() > 0 {
		b.t.Fatalf("%v, %q%q", err, out.String(), errs.String())
	}
	text, err := os.ReadFile(b.path("qmp.pid"))
	emulator.Must(b.t, err)
	pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
	emulator.Must(b.t, err)
	b.t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	return pid
}

// leads says where links below a process's folder in /proc must lead.
func (b *bench) leads(pid int, links map[string]string) {
	b.t.Helper()
	for link, want := range links {
		if got, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), link)); err != nil || got != want {
			b.t.Errorf("%s is %s, %v", link, got, err)
		}
	}
}

// What goes wrong at the start is said by the one who was started, and is its status.
func TestDaemonizeFails(t *testing.T) {
	b := newBench(t)
	out, err := exec.Command(b.binary, "-daemonize", "-qmp", "unix:/nonexistent/x,server=on").CombinedOutput()
	want := "qemu-system-x86_64: -qmp unix:/nonexistent/x,server=on: Failed to bind socket to /nonexistent/x: No such file or directory\n"
	if err == nil || string(out) != want {
		t.Errorf("%v, %q", err, out)
	}
}

func TestPreconfig(t *testing.T) {
	b := newBench(t)
	s := b.start("source", "--preconfig -machine memtest,workload=idle -m 16M")
	const early = "The command 'query-migrate' is permitted only after machine initialization has completed"
	if got := refused(s.qmp("query-migrate", "", nil)); got != early {
		t.Error(got)
	}
	s.do("x-exit-preconfig", "", nil)
	s.do("query-migrate", "", nil)
	const late = "The command is permitted only before machine initialization"
	if got := refused(s.qmp("x-exit-preconfig", "", nil)); got != late {
		t.Error(got)
	}
	s.terminate()
}

// Management tools send SIGTERM behind quit: the status of the end is 0 whenever it comes.
func TestSignalBehindQuit(t *testing.T) {
	program := emulator.NeedServer(t)
	for range 10 {
		vm := emulator.Launch(t, program, "server")
		emulator.Must(t, vm.Execute(t.Context(), "quit", nil, nil))
		for vm.Signal(syscall.SIGTERM) == nil {
			time.Sleep(50 * time.Microsecond)
		}
		exit, err := vm.Wait(t.Context())
		emulator.Must(t, err)
		if exit.Status != 0 {
			t.Fatalf("ended with %s", exit.Process)
		}
	}
}

func TestDeniedSpawn(t *testing.T) {
	b := newBench(t)
	s := b.start("source", "-sandbox on,spawn=deny -machine memtest,workload=idle -m 16M")
	if err := s.qmp("migrate", `{"uri": "exec:cat > `+b.path("image")+`"}`, nil); err == nil {
		t.Error("a program was started")
	}
	s.terminate()
}
