package chardev

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// Options that cannot work are refused in the same words. BUSY is a port that
// is taken, LONG a path that is too long.
func TestErrors(t *testing.T) {
	programs := both(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	emulator.Must(t, err)
	defer busy.Close()
	values := strings.NewReplacer("BUSY", fmt.Sprint(busy.Addr().(*net.TCPAddr).Port),
		"LONG", strings.Repeat("x", 120), "MUCH", strings.Repeat("x", 108))
	dir := folder(t)
	for _, line := range []string{
		"-chardev socket,id=c,path=none/x,server=on,wait=off",
		"-chardev socket,id=c,path=dir,server=on,wait=off",
		"-chardev socket,id=c,path=none",
		"-chardev socket,id=c,path=file",
		"-chardev socket,id=c,path=LONG",
		"-chardev socket,id=c,path=MUCH,abstract=on,server=on,wait=off",
		"-chardev socket,id=c,host=127.0.0.1,port=1",
		"-chardev socket,id=c,host=127.0.0.1,port=BUSY,server=on,wait=off",
		"-chardev socket,id=c,host=127.0.0.1,port=BUSY,to=BUSY,server=on,wait=off",
		"-chardev socket,id=c,host=127.0.0.1,port=nothing-like-it,server=on,wait=off",
		"-chardev socket,id=c,host=127.0.0.1,port=9,ipv4=off,ipv6=off",
		"-chardev socket,id=c,host=127.0.0.1,port=9,ipv6=on,server=on,wait=off",
		"-chardev socket,id=c,host=,port=9",
		"-chardev socket,id=c,host=h",
		"-chardev socket,id=c,fd=99",
		"-chardev socket,id=c,fd=99,server=on,wait=off",
		"-chardev socket,id=c,fd=0,server=on,wait=off",
		"-chardev socket,id=c,fd=x",
		"-chardev socket,id=c,fd=-1",
		"-chardev socket,id=c,fd=3,reconnect=1",
		"-chardev socket,id=c",
		"-chardev socket,id=c,path=x,server=on,reconnect=0",
		"-chardev socket,id=c,path=x,reconnect=1,reconnect-ms=1",
		"-chardev socket,id=c,path=x,wait=on",
		"-chardev socket,id=c,path=x,delay=on,nodelay=on",
		"-chardev socket,id=c,path=x,tls-creds=t",
		"-chardev socket,id=c,host=127.0.0.1,port=0,tls-authz=t",
		"-chardev socket,id=c,host=127.0.0.1,port=0,websocket=on",
		"-chardev file,id=c,path=none/x",
		"-chardev file,id=c,path=file,input-path=none",
		"-chardev file,id=c,path=dir",
		"-chardev file,id=c,path=/dev/fdset/7",
		"-chardev pipe,id=c,path=none",
		"-chardev pipe,id=c,path=dir",
		"-chardev pty,id=c,path=file",
		"-chardev serial,id=c,path=none",
		"-chardev udp,id=c",
		"-chardev udp,id=c,port=nothing-like-it",
		"-chardev ringbuf,id=c,size=3",
		"-chardev null,id=c,logfile=none/x",
		"-chardev null,id=c,logfile=dir",
		"-chardev console,id=c",
		"-chardev null,id=c -chardev null,id=c",
		"-chardev null,id=c-base -chardev null,id=c,mux=on",
		"-chardev stdio,id=c -chardev stdio,id=d",
		"-chardev null,id=c -mon c -mon c",
		"-chardev null,id=c,mux=on -mon c -mon c -mon c -mon c -mon c",
		"-qmp unix:none/x,server=on,wait=off",
		"-qmp tcp:[::1]:0,server=on",
		"-qmp tcp:127.0.0.1:1",
		"-qmp unix:none",
		"-qmp telnet:127.0.0.1:1",
		"-qmp file:none/x",
		"-qmp chardev:x",
		"-qmp stdio -monitor stdio",
		"-monitor pipe:none",
		"-qtest x",
		"-qtest tcp:1",
		"-qtest mon:stdio",
		"-add-fd fd=99,set=1",
	} {
		line = values.Replace(line)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		var said [2]string
		for i, p := range programs {
			text := complaint(t, ctx, p, dir, strings.Fields(line))
			said[i] = regexp.MustCompile(`/dev/pts/\d+`).ReplaceAllString(text, "/dev/pts/N")
		}
		cancel()
		if said[0] != said[1] {
			t.Errorf("%s\nQEMU: %s\nours: %s", line, said[0], said[1])
		}
	}
}

// folder has a file and a folder in it.
func folder(t *testing.T) string {
	dir := t.TempDir()
	emulator.Must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	emulator.Must(t, os.Mkdir(filepath.Join(dir, "dir"), 0o700))
	return dir
}

// A server that waits says so.
func TestWaiting(t *testing.T) {
	var said [2]string
	for i, p := range both(t) {
		path := filepath.Join(t.TempDir(), "first")
		greeted := make(chan error, 1)
		go func() { greeted <- greeting(t.Context(), path) }()
		e := emulator.Launch(t, p, "waiting", append(bare(p), "-qmp", "unix:"+path+",server=on")...)
		if err := <-greeted; err != nil {
			t.Error(err)
		}
		text := strings.ReplaceAll(e.Stderr(), filepath.Base(p.Path)+":", "PROG:")
		said[i] = strings.ReplaceAll(text, path, "PATH")
	}
	const want = "PROG: -qmp unix:PATH,server=on: info: QEMU waiting for connection on: disconnected:unix:PATH,server=on"
	if said[0] != want || said[1] != want {
		t.Errorf("QEMU: %s\nours: %s", said[0], said[1])
	}
}

// greeting waits until somebody listens, and for what a monitor says first.
func greeting(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		m, err := emulator.DialMonitor(ctx, path)
		if err == nil {
			return m.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Millisecond):
		}
	}
}
