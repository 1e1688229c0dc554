package chardev

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// names is what query-chardev says, in order, without what differs from run to run.
func names(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	var list []struct {
		Label, Filename string
		Open            bool `json:"frontend-open"`
	}
	emulator.Must(t, e.Monitor.Execute(t.Context(), "query-chardev", nil, &list))
	var lines []string
	for _, c := range list {
		if c.Label != "serial0" { // a machine of type none has no port for it
			lines = append(lines, fmt.Sprintf("%s = %s (%v)", c.Label, c.Filename, c.Open))
		}
	}
	slices.Sort(lines)
	text := strings.ReplaceAll(strings.Join(lines, "\n"), e.Dir, "DIR")
	text = regexp.MustCompile(`/dev/pts/\d+`).ReplaceAllString(text, "/dev/pts/N")
	return regexp.MustCompile(`:\d\d+`).ReplaceAllString(text, ":PORT")
}

// Every kind of device is shown by the same name, with and without a client.
func TestNames(t *testing.T) {
	var resting, connected, yanks [2]string
	for i, p := range both(t) {
		dir := t.TempDir()
		emulator.Must(t, unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
		l, err := net.Listen("unix", filepath.Join(dir, "theirs"))
		emulator.Must(t, err)
		defer l.Close()
		abstract := fmt.Sprintf("@qmpmigrate-%s-%d", p, unix.Getpid())
		args := bare(p)
		for _, c := range []string{
			"null,id=null", "ringbuf,id=ring", "memory,id=memory", "file,id=file,path=DIR/out", "pipe,id=pipe,path=DIR/pipe",
			"pty,id=pty", "udp,id=udp,port=9", "vc,id=vc", "stdio,id=stdio,mux=on", "null,id=mux,mux=on",
			"socket,id=client,path=DIR/theirs", "socket,id=absent,path=DIR/none,reconnect=9",
			"socket,id=absent6,host=::1,port=1,reconnect=9",
			"socket,id=unix,path=DIR/unix,server=on,wait=off", "socket,id=unix2,path=DIR/unix2,server=on,wait=off,mux=on",
			"socket,id=tcp,host=127.0.0.1,port=0,server=on,wait=off", "socket,id=any,host=,port=0,server=on,wait=off",
			"socket,id=telnet,host=127.0.0.1,port=0,server=on,wait=off,telnet=on",
			"socket,id=abstract,path=ABSTRACT,abstract=on,server=on,wait=off",
			"socket,id=loose,path=ABSTRACT2,abstract=on,tight=off,server=on,wait=off",
		} {
			c = strings.ReplaceAll(strings.ReplaceAll(c, "DIR", dir), "ABSTRACT", abstract[1:])
			args = append(args, "-chardev", c)
		}
		args = append(args, "-mon", "unix2", "-mon", "unix,mode=control", "-mon", "ring", "-mon", "pty")
		e := emulator.Launch(t, p, "names", args...)
		clean := strings.NewReplacer(dir, "DIR", abstract[1:], "ABSTRACT")
		resting[i] = clean.Replace(names(t, e))
		for _, address := range []string{filepath.Join(dir, "unix"), filepath.Join(dir, "unix2"), abstract} {
			conn, err := net.Dial("unix", address)
			emulator.Must(t, err)
			defer conn.Close()
			// The monitors greet; the others are looked at once these have.
			if address != abstract {
				_, err = conn.Read(make([]byte, 1))
				emulator.Must(t, err)
			}
		}
		for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			connected[i] = clean.Replace(names(t, e))
			if strings.Count(connected[i], "disconnected:unix") == strings.Count(resting[i], "disconnected:unix")-3 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("the clients are not taken")
			}
		}
		var list []struct{ Type, ID string }
		emulator.Must(t, e.Monitor.Execute(t.Context(), "query-yank", nil, &list))
		yanks[i] = fmt.Sprint(list)
	}
	for _, c := range []struct {
		what string
		said [2]string
	}{{"at rest", resting}, {"connected", connected}, {"query-yank", yanks}} {
		if c.said[0] != c.said[1] || c.said[0] == "" {
			t.Errorf("%s\nQEMU:\n%s\nours:\n%s", c.what, c.said[0], c.said[1])
		}
	}
}

// A ring buffer gives back the same for the same.
func TestRingBuffer(t *testing.T) {
	type m = map[string]any
	var said [2]string
	for i, p := range both(t) {
		e := emulator.Launch(t, p, "ring", append(bare(p), "-chardev", "ringbuf,id=r,size=16", "-chardev", "null,id=n")...)
		for _, step := range []struct {
			command string
			args    m
		}{
			{"ringbuf-write", m{"device": "r", "data": "hello"}},
			{"ringbuf-read", m{"device": "r", "size": 3}},
			{"ringbuf-write", m{"device": "r", "data": "aGVsbG8=", "format": "base64"}},
			{"ringbuf-read", m{"device": "r", "size": 100, "format": "base64"}},
			{"ringbuf-read", m{"device": "r", "size": 100}},
			{"ringbuf-write", m{"device": "r", "data": "0123456789abcdefghij"}},
			{"ringbuf-read", m{"device": "r", "size": 100}},
			{"ringbuf-write", m{"device": "r", "data": "YQBi", "format": "base64"}},
			{"ringbuf-read", m{"device": "r", "size": 100}},
			{"ringbuf-write", m{"device": "r", "data": "Yf+A", "format": "base64"}},
			{"ringbuf-read", m{"device": "r", "size": 100}},
			{"ringbuf-write", m{"device": "r", "data": "aGVs\nbG8", "format": "base64"}},
			{"ringbuf-read", m{"device": "r", "size": 100}},
			{"ringbuf-write", m{"device": "r", "data": "a!", "format": "base64"}},
			{"ringbuf-write", m{"device": "none", "data": "x"}},
			{"ringbuf-write", m{"device": "n", "data": "x"}},
			{"ringbuf-read", m{"device": "none", "size": 1}},
			{"ringbuf-read", m{"device": "n", "size": 1}},
			{"ringbuf-read", m{"device": "r", "size": 0}},
			{"ringbuf-read", m{"device": "r", "size": -1}},
		} {
			var result any
			err := e.Monitor.Execute(t.Context(), step.command, step.args, &result)
			said[i] += fmt.Sprintf("%s %v: %q, %v\n", step.command, step.args, result, err)
		}
	}
	if said[0] != said[1] {
		t.Errorf("QEMU:\n%s\nours:\n%s", said[0], said[1])
	}
}
