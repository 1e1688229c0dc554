package child

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// nobody is a user without rights.
const nobody = 65534

func TestMain(m *testing.M) {
	Become("echo", echo)
	Become("quitter", func(*Conn) error { return errors.New("enough") })
	Become("nested", func(c *Conn) error {
		_, err := Start("echo")
		return c.Send([]byte(fmt.Sprint(err)))
	})
	Become("parent", func(c *Conn) error {
		// It does not look at its line: only its end ends the child.
		os.Unsetenv(variable)
		p, err := Start("deaf")
		if err != nil {
			return err
		}
		if err := c.Send([]byte(strconv.Itoa(p.ID()))); err != nil {
			return err
		}
		select {}
	})
	Become("nobody", func(c *Conn) error {
		if err := Assume(Identity{Root: "/proc", User: true, UID: nobody, GID: nobody, Groups: []int{nobody}}); err != nil {
			return c.Send([]byte(err.Error()))
		}
		var signal int32
		if err := unix.Prctl(unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&signal)), 0, 0, 0); err != nil {
			return err
		}
		_, outside := os.Stat("/proc")
		return c.Send(fmt.Appendf(nil, "%d %d %d %v", unix.Getuid(), unix.Getgid(), signal, outside == nil))
	})
	Become("deaf", func(*Conn) error { select {} })
	goleak.VerifyTestMain(m)
}

// echo sends back what it gets; for "fds" the descriptors that it has.
func echo(c *Conn) error {
	buf := make([]byte, MaxMessage)
	for {
		n, files, err := c.ReceiveFiles(buf)
		if err != nil || n == 0 {
			return err
		}
		answer := buf[:n]
		if string(answer) == "fds" {
			entries, _ := os.ReadDir("/proc/self/fd")
			var list []string
			for _, e := range entries {
				to, _ := os.Readlink("/proc/self/fd/" + e.Name())
				list = append(list, to)
			}
			answer = []byte(strings.Join(list, " "))
		}
		if err := c.Send(answer, files...); err != nil {
			return err
		}
		closeAll(files)
	}
}

func start(t *testing.T, name string) *Process {
	t.Helper()
	p, err := Start(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.End)
	if err := p.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMessagesAndDescriptors(t *testing.T) {
	p := start(t, "echo")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	buf := make([]byte, MaxMessage)
	for _, text := range []string{"a", strings.Repeat("b", MaxMessage), "c"} {
		if err := p.Send([]byte(text), w); err != nil {
			t.Fatal(err)
		}
		n, files, err := p.ReceiveFiles(buf)
		if err != nil || string(buf[:n]) != text || len(files) != 1 {
			t.Fatalf("%d bytes, %d descriptors, %v", n, len(files), err)
		}
		if _, err := files[0].Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if n, err := r.Read(buf); n != 1 || err != nil {
			t.Errorf("read %d, %v", n, err)
		}
		closeAll(files)
	}
	if err := p.Send([]byte("more than fits")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.ReceiveFiles(make([]byte, 3)); err == nil {
		t.Error("a message that was cut off passes for a whole one")
	}
}

// A child has the descriptors that it was given, whatever its parent has.
func TestNothingIsInherited(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/leaked")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	p := start(t, "echo")
	if err := p.Send([]byte("fds")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, MaxMessage)
	n, err := p.Receive(buf)
	if err != nil || bytes.Contains(buf[:n], []byte("leaked")) || n == 0 {
		t.Errorf("the child has %s, %v", buf[:n], err)
	}
}

func TestChildThatEnds(t *testing.T) {
	p := start(t, "quitter")
	<-p.Ended()
	if err := p.Err(); err == nil || err.Error() != "exit status 1" {
		t.Errorf("ended: %v", err)
	}
	if _, err := p.Receive(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the line: %v", err)
	}
	p = start(t, "echo")
	if err := unix.Kill(p.ID(), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Ended()
	if err := p.Err(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("killed: %v", err)
	}
	p.End()
	p.End()
	if err := unix.Kill(p.ID(), 0); !errors.Is(err, unix.ESRCH) {
		t.Errorf("it is not gone: %v", err)
	}
}

// A program that forgets Become does not start processes without end.
func TestChildrenHaveNoChildren(t *testing.T) {
	p := start(t, "nested")
	buf := make([]byte, 200)
	n, err := p.Receive(buf)
	if err != nil || string(buf[:n]) != errNested.Error() {
		t.Errorf("%s, %v", buf[:n], err)
	}
}

// A child whose parent is killed goes with it, even if it does not look.
func TestChildGoesWithItsParent(t *testing.T) {
	p := start(t, "parent")
	buf := make([]byte, 20)
	n, err := p.Receive(buf)
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(string(buf[:n]))
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(id, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	p.End()
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(poll, 60_000); n != 1 || err != nil {
		t.Errorf("process %d is still there: %v", id, err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("GODEBUG", "madvdontneed=1")
	env := strings.Join(environment(), "\n")
	if !strings.Contains(env, "GODEBUG=madvdontneed=1,asyncpreemptoff=1") || strings.Count(env, "GODEBUG=") != 1 {
		t.Errorf("environment %s", env)
	}
}

// A child that gives up its rights has none of them left, and still goes with
// its parent. Only root has any to give up.
func TestChildGivesUpItsRights(t *testing.T) {
	want := "chroot failed"
	if os.Getuid() == 0 {
		want = fmt.Sprintf("%d %d %d false", nobody, nobody, unix.SIGKILL)
	}
	p := start(t, "nobody")
	buf := make([]byte, MaxMessage)
	n, err := p.Receive(buf)
	if got := string(buf[:n]); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
