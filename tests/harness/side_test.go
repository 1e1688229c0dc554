// Package harness starts the server as QEMU's own test harness starts QEMU, with the same command lines: the harness
// listens, the server connects to it twice, and guest memory is looked into by the qtest protocol.
package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

const patience = 60 * time.Second

// side is one process under the harness.
type side struct {
	t      *testing.T
	name   string
	cmd    *exec.Cmd
	out    bytes.Buffer // standard output: must stay empty
	errs   bytes.Buffer
	ended  chan struct{}
	conn   net.Conn
	lines  *bufio.Reader
	mon    *emulator.Monitor
	serial string
}

// bench is the folder of a test, with the program under the name that harnesses want.
type bench struct {
	t      *testing.T
	dir    string
	binary string
	starts int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir, err := os.MkdirTemp("", "qh")
	emulator.Must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &bench{t: t, dir: dir, binary: filepath.Join(dir, "qemu-system-x86_64")}
	emulator.Must(t, os.Symlink(emulator.NeedServer(t).Path, b.binary))
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// start starts one process with the words of body in the middle of its command line.
func (b *bench) start(name, body string, files ...*os.File) *side {
	b.t.Helper()
	b.starts++
	s := &side{t: b.t, name: name, ended: make(chan struct{}), serial: b.path(map[string]string{"target": "dest_serial"}[name])}
	if name == "source" {
		s.serial = b.path("src_serial")
	}
	socket := b.path(fmt.Sprintf("qtest-%d", b.starts))
	qtest, qmp := listen(b.t, socket+".sock"), listen(b.t, socket+".qmp")
	line := fmt.Sprintf("exec %s -qtest unix:%s.sock -qtest-log /dev/null -chardev socket,path=%s.qmp,id=char0 "+
		"-mon chardev=char0,mode=control -display none -audio none %s -accel qtest", b.binary, socket, socket, body)
	s.cmd = exec.Command("/bin/sh", "-c", line)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.errs
	s.cmd.ExtraFiles = files
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	emulator.Must(b.t, s.cmd.Start())
	go func() {
		defer close(s.ended)
		_ = s.cmd.Wait()
	}()
	b.t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.ended
	})
	s.conn = s.accept(qtest)
	qmpConn := s.accept(qmp)
	s.lines = bufio.NewReader(s.conn)
	if got := s.ask("endianness"); got != "OK little" {
		b.t.Fatalf("%s: %s", name, got)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	var err error
	s.mon, err = emulator.Negotiate(ctx, qmpConn.(*net.UnixConn))
	emulator.Must(b.t, err)
	return s
}

func listen(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", path)
	emulator.Must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func (s *side) accept(l net.Listener) net.Conn {
	s.t.Helper()
	emulator.Must(s.t, l.(*net.UnixListener).SetDeadline(time.Now().Add(patience)))
	conn, err := l.Accept()
	if err != nil {
		s.t.Fatalf("%s does not connect: %v\n%s", s.name, err, s.errs.String())
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// ask sends a qtest request and returns the answer.
func (s *side) ask(format string, a ...any) string {
	s.t.Helper()
	_, err := fmt.Fprintf(s.conn, format+"\n", a...)
	emulator.Must(s.t, err)
	emulator.Must(s.t, s.conn.SetReadDeadline(time.Now().Add(patience)))
	line, err := s.lines.ReadString('\n')
	if err != nil {
		s.t.Fatalf("%s: qtest: %v\n%s", s.name, err, s.errs.String())
	}
	return strings.TrimSuffix(line, "\n")
}

// value reads a number of guest memory.
func (s *side) value(command string, addr uint64) (n uint64) {
	s.t.Helper()
	answer := s.ask("%s 0x%x", command, addr)
	if _, err := fmt.Sscanf(answer, "OK 0x%x", &n); err != nil {
		s.t.Fatalf("%s: %s answers %q", s.name, command, answer)
	}
	return n
}

// qmp carries out a command, whose error it returns; args are JSON text.
func (s *side) qmp(command, args string, result any) error {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var raw any
	if args != "" {
		raw = json.RawMessage(args)
	}
	return s.mon.Execute(ctx, command, raw, result)
}

// do carries out a command that must work.
func (s *side) do(command, args string, result any) {
	s.t.Helper()
	if err := s.qmp(command, args, result); err != nil {
		s.t.Fatalf("%s: %v\n%s", s.name, err, s.errs.String())
	}
}

// set changes a parameter and reads it back, as the harness does.
func (s *side) set(name string, value int64) {
	s.t.Helper()
	s.do("migrate-set-parameters", fmt.Sprintf(`{%q: %d}`, name, value), nil)
	var now map[string]any
	s.do("query-migrate-parameters", "", &now)
	if got, ok := now[name].(float64); !ok || int64(got) != value {
		s.t.Errorf("%s: %s is %v after it was set to %d", s.name, name, now[name], value)
	}
}

func (s *side) enable(capability string) {
	s.t.Helper()
	s.do("migrate-set-capabilities", `{"capabilities": [{"capability": "`+capability+`", "state": true}]}`, nil)
}

func (s *side) status() string {
	s.t.Helper()
	var info struct{ Status string }
	s.do("query-migrate", "", &info)
	return info.Status
}

// until waits for a condition, which it looks at without pause, as the harness does.
func (s *side) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			s.t.Fatalf("%s: %s does not come\n%s", s.name, what, s.errs.String())
		}
	}
}

// reach waits for a status of the migration, and fails at once with another last one.
func (s *side) reach(want string) {
	s.t.Helper()
	s.until(want, func() bool {
		got := s.status()
		if got != want && (got == "failed" || got == "completed" || got == "cancelled") {
			s.t.Fatalf("%s: %s instead of %s\n%s", s.name, got, want, s.errs.String())
		}
		return got == want
	})
}

func (s *side) event(name string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if _, err := s.mon.WaitEvent(ctx, 0, name, nil); err != nil {
		s.t.Fatalf("%s: %v", s.name, err)
	}
}

// text is what the guest wrote to its serial port.
func (s *side) text() string {
	s.t.Helper()
	text, err := os.ReadFile(s.serial)
	emulator.Must(s.t, err)
	return string(text)
}

// terminate ends the process as the harness does, and wants it to end well.
func (s *side) terminate() {
	s.t.Helper()
	emulator.Must(s.t, s.cmd.Process.Signal(syscall.SIGTERM))
	s.exits(0)
}

func (s *side) exits(status int) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatalf("%s does not end\n%s", s.name, s.errs.String())
	}
	if got := s.cmd.ProcessState; got.ExitCode() != status || s.out.Len() > 0 {
		s.t.Errorf("%s: %v, standard output %q\n%s", s.name, got, s.out.String(), s.errs.String())
	}
}

// refused returns the text of a command's error.
func refused(err error) string {
	if e, ok := errors.AsType[*emulator.CommandError](err); ok {
		return e.Desc
	}
	return fmt.Sprint(err)
}
