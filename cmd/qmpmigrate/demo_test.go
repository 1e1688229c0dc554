package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServerProcess is qmpmigrate itself when a test starts it as a server.
func TestServerProcess(*testing.T) {
	if args := flag.Args(); len(args) > 0 {
		os.Exit(run(append([]string{"qmpmigrate"}, args...)))
	}
}

func testServer(t *testing.T) program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program{path: self, args: []string{"-test.run=^TestServerProcess$", "--"}}
}

// testDemo runs the demonstration with a small guest and without a QEMU, and
// sees that nothing is left of it.
func testDemo(t *testing.T, self program, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	t.Setenv("PATH", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	status = demo{self: self, memory: 16}.main(args, &out, &errs)
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	return status, out.String(), errs.String()
}

func TestDemo(t *testing.T) {
	status, stdout, stderr := testDemo(t, testServer(t))
	if status != 0 || stderr != "" {
		t.Errorf("status %d, %s", status, stderr)
	}
	shape := regexp.MustCompile(`^1\. A guest that never stops writing moves from one qmpmigrate to another

   guest        16 MiB of memory, and 2 vCPUs that rewrite it page by page
(   pass \d+ +\d+ % there  +\d+ MiB/s +\d+ MiB left
)*   moved        in (\d+ ms|\d+\.\d s); the guest stood still for (\d+ ms|\d+\.\d s) of it
   sent         \d+ MiB in \d+ passes, at \d+ MiB/s; the guest wrote \d+ MiB/s meanwhile
   verified     the guest ran on, and all of its 4096 pages are what it wrote

A guest of a real QEMU is left out: no qemu-system-x86_64 on the PATH \(--qemu PATH\)
$`)
	if !shape.MatchString(stdout) {
		t.Errorf("shown was\n%s", stdout)
	}
}

func TestDemoFails(t *testing.T) {
	server := testServer(t)
	falsity, err := exec.LookPath("false")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		self   program
		args   []string
		status int
		stderr string
	}{
		{"no such QEMU", server, []string{"--qemu", "/no/such/qemu"}, 1, `^qmpmigrate demo: no QEMU: .*no such file or directory\n$`},
		{"server that ends", program{path: falsity}, nil, 1, `^qmpmigrate demo: source did not start: exit status 1: no output\n$`},
		{"server that complains", program{path: server.path, args: append(server.args, "-bad-option")}, nil, 1,
			`^qmpmigrate demo: source did not start: exit status 1: .*-bad-option.*\n$`},
		{"no server", program{path: "/no/such/file"}, nil, 1, `^qmpmigrate demo: source: .*no such file or directory\n$`},
		{"QEMU that ends", server, []string{"--qemu", falsity}, 1, `^qmpmigrate demo: first QEMU did not start: exit status 1: no output\n$`},
		{"unknown option", server, []string{"--fast"}, 2, `^qmpmigrate demo: flag provided but not defined: -fast\nusage: `},
		{"argument", server, []string{"now"}, 2, `^qmpmigrate demo: unexpected argument now\nusage: `},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, _, stderr := testDemo(t, tc.self, tc.args...)
			if status != tc.status || !regexp.MustCompile(tc.stderr).MatchString(stderr) {
				t.Errorf("status %d: %s", status, stderr)
			}
		})
	}
}

func TestDemoHelp(t *testing.T) {
	status, stdout, stderr := testDemo(t, program{}, "--help")
	if status != 0 || stdout != demoUsage || stderr != "" {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// trigger is a writer that does something when a text is written to it.
type trigger struct {
	bytes.Buffer
	text string
	f    func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if w.f != nil && bytes.Contains(p, []byte(w.text)) {
		w.f()
		w.f = nil
	}
	return w.Buffer.Write(p)
}

func TestDemoInterrupted(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	out := &trigger{text: "guest ", f: func() { syscall.Kill(os.Getpid(), syscall.SIGINT) }}
	var errs bytes.Buffer
	// More memory than moves before the signal is here.
	status := demo{self: testServer(t), memory: 256}.main(nil, out, &errs)
	if status != 1 || !strings.Contains(errs.String(), "interrupted\n") || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("status %d: %s", status, errs.String())
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestStageEnds(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := newStage(testServer(t))
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.start("only", s.self, "-machine", "adopt", "-incoming", "defer")
	if err != nil {
		t.Fatal(err)
	}
	if err := meet(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if n := a.process.resident(); n < 1<<20 || n > 1<<30 {
		t.Errorf("resident are %d bytes", n)
	}
	for range 2 {
		if err := s.clear(); err != nil {
			t.Error(err)
		}
	}
	if a.process.resident() != 0 {
		t.Error("process is still there")
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("folder: %v", err)
	}
}

// A process that does not listen to SIGTERM is ended all the same.
func TestProcessIsKilled(t *testing.T) {
	ready := filepath.Join(t.TempDir(), "ready")
	pr, err := program{path: "/bin/sh"}.start("-c", `trap "" TERM; : >`+ready+`; while :; do sleep 1; done`)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the process", func() bool { _, err := os.Stat(ready); return err == nil })
	if err := pr.end(10 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "(sh) had to be killed") {
		t.Errorf("error is %v", err)
	}
}
