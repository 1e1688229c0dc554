package chardev

import (
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
)

func TestInheritedSockets(t *testing.T) {
	path := socketPath(t)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0) // inherited ones are not close-on-exec
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	conf := unixConfig("")
	conf.Address.Type, conf.Address.FD.Name = channels.SocketFD, fmt.Sprint(fd)
	d := started(t, conf, Env{})
	if got := filenameOf(d); got != "disconnected:unix:"+path+",server=on" {
		t.Errorf("the listener is %q", got)
	}
	dial(t, "unix", path).expect("hello\n")
	d.Close()
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there")
	}

	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "theirs")
	defer theirs.Close()
	conf.Server, conf.Address.FD.Name = false, fmt.Sprint(pair[0])
	d = started(t, conf, Env{})
	greeting := make([]byte, 6)
	if _, err := io.ReadFull(theirs, greeting); err != nil || string(greeting) != "hello\n" {
		t.Errorf("got %q, %v", greeting, err)
	}
	if got := filenameOf(d); got != "unix:" {
		t.Errorf("connected: %q", got)
	}
	theirs.Close()
	eventually(t, "the end", func() bool { return filenameOf(d) == "disconnected:fd:"+fmt.Sprint(pair[0]) })
}

func TestInheritedSocketsAreChecked(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	own, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	raw, _ := own.(*net.TCPListener).SyscallConn()
	var number uintptr
	_ = raw.Control(func(fd uintptr) { number = fd })
	for _, name := range []string{"999", "-1", "x", fmt.Sprint(file.Fd()), fmt.Sprint(number)} {
		conf := tcpConfig("")
		conf.Address.Type, conf.Address.FD.Name = channels.SocketFD, name
		for _, conf.Server = range []bool{true, false} {
			_, err := Open(t.Context(), conf, Env{})
			if want := "File descriptor '" + name + "' is not a socket"; err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}
