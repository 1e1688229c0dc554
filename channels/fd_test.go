package channels_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
)

func TestFDErrors(t *testing.T) {
	epoll, err := unix.EpollCreate1(0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(epoll)
	dir, err := unix.Open(t.TempDir(), unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	null, err := os.Open(os.DevNull) // close-on-exec: opened by this process, not inherited
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	number := strconv.Itoa(int(null.Fd()))
	for name, want := range map[string]string{
		"x":                 "Invalid file descriptor number 'x'",
		"-1":                "Invalid file descriptor number '-1'",
		"1x":                "Invalid file descriptor number '1x'",
		"nope":              "Invalid file descriptor number 'nope'",
		"999999":            "Unable to use file descriptor '999999': Bad file descriptor",
		number:              "Unable to use file descriptor '" + number + "': Bad file descriptor",
		strconv.Itoa(epoll): "Unable to use file descriptor '" + strconv.Itoa(epoll) + "': Invalid argument",
		strconv.Itoa(dir):   "Unable to use file descriptor '" + strconv.Itoa(dir) + "': Is a directory",
	} {
		a := address(t, "fd:"+name, "")
		if _, err := channels.Listen(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("listening on %s: %v", name, err)
		}
		if name == strconv.Itoa(epoll) || name == strconv.Itoa(dir) {
			continue // taken over, and closed, by the first attempt
		}
		if _, err := channels.Dial(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("dialling %s: %v", name, err)
		}
	}
	if _, err := null.Stat(); err != nil {
		t.Errorf("a file of our own was hit: %v", err)
	}
}

// inheritable returns the number of a copy of f that looks inherited.
func inheritable(t *testing.T, f *os.File) int {
	t.Helper()
	defer f.Close()
	n, err := unix.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An inherited number is taken over: nobody else can use it afterwards, and the peer sees it close.
func TestFDInherited(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	number := inheritable(t, w)
	a := address(t, "fd:"+strconv.Itoa(number), "")
	out := mustDial(t, a)
	if _, err := unix.FcntlInt(uintptr(number), unix.F_GETFD, 0); err == nil {
		t.Errorf("descriptor %d is still open", number)
	}
	io.WriteString(out, "data")
	out.Close()
	if data, err := io.ReadAll(r); string(data) != "data" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := channels.Dial(context.Background(), a); !errors.Is(err, syscall.EBADF) {
		t.Errorf("a second time: %v", err)
	}
}

// A file that a monitor was given is taken over even when it is of no use.
func TestFDFileTakenOver(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = channels.Dial(context.Background(), fdAddress(dir))
	if !errors.Is(err, syscall.EISDIR) {
		t.Errorf("%v", err)
	}
	if _, err := dir.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("still open: %v", err)
	}
	if _, err := channels.Dial(context.Background(), fdAddress(dir)); err == nil {
		t.Error("a closed file was dialled")
	}
}

// A file goes on where its owner left it, so that headers of others stay.
func TestFDFilePosition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "header")
	out := mustDial(t, fdAddress(f))
	io.WriteString(out, "stream")
	if out.TwoWay() {
		t.Error("a file that answers")
	}
	out.Close()
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	r.Seek(6, io.SeekStart)
	in := accept(t, mustListen(t, fdAddress(r)))
	defer in.Close()
	if data, err := io.ReadAll(in); string(data) != "stream" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if data, _ := os.ReadFile(path); string(data) != "headerstream" {
		t.Errorf("%q", data)
	}
}

func TestFDWarning(t *testing.T) {
	const deprecated = "fd: migration to a file is deprecated. Use file: instead."
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	copied, err := unix.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(copied)
	sockets, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(sockets[0])
	defer unix.Close(sockets[1])
	for _, test := range []struct {
		a    channels.Address
		want string
	}{
		{fdAddress(r), ""}, {fdAddress(f), deprecated}, {fdName(strconv.Itoa(copied)), deprecated},
		{fdName(strconv.Itoa(sockets[0])), ""}, {fdName("nope"), ""}, {fdName("999999"), ""}, {fileAt("f", 0), ""},
		{unixAddress("x"), ""},
	} {
		if got := test.a.Warning(); got != test.want {
			t.Errorf("%s: %q", test.a, got)
		}
	}
	f.Close()
	if got := fdAddress(f).Warning(); got != "" {
		t.Errorf("a closed file: %q", got)
	}
}

// TestStandardStreams runs this test in a process whose standard input is the channel.
func TestStandardStreams(t *testing.T) {
	if os.Getenv("CHANNELS_TEST_STDIN") != "" {
		in := accept(t, mustListen(t, address(t, "fd:0", "")))
		data, err := io.ReadAll(in)
		if string(data) != "migration" || err != nil {
			t.Errorf("%q, %v", data, err)
		}
		in.Close()
		if target, err := os.Readlink("/proc/self/fd/0"); target != os.DevNull {
			t.Errorf("standard input is %s, %v", target, err)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestStandardStreams$", "-test.v")
	cmd.Env = append(os.Environ(), "CHANNELS_TEST_STDIN=1")
	cmd.Stdin = strings.NewReader("migration")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestStandardStreams") {
		t.Errorf("%v: %s", err, out)
	}
}
