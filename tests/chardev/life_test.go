package chardev

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// Clients of several monitors come all at once; each is served in its turn.
func TestManyClients(t *testing.T) {
	const monitors, clients = 4, 50
	p := emulator.NeedServer(t)
	dir := t.TempDir()
	args := bare(p)
	for i := range monitors {
		args = append(args, "-qmp", fmt.Sprintf("unix:%s/m%d,server=on,wait=off", dir, i))
	}
	emulator.Launch(t, p, "many", args...)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ended := make(chan error, monitors*clients)
	for i := range monitors * clients {
		go func() {
			m, err := emulator.DialMonitor(ctx, fmt.Sprintf("%s/m%d", dir, i%monitors))
			if err == nil {
				err = m.Execute(ctx, "query-status", nil, nil)
				m.Close()
			}
			ended <- err
		}()
	}
	for range monitors * clients {
		emulator.Must(t, <-ended)
	}
}

// Yank cuts a client off; the monitor listens on.
func TestYank(t *testing.T) {
	for _, p := range both(t) {
		path := filepath.Join(t.TempDir(), "m")
		e := emulator.Launch(t, p, "yank", append(bare(p), "-qmp", "unix:"+path+",server=on,wait=off")...)
		for range 2 {
			conn, err := net.Dial("unix", path)
			emulator.Must(t, err)
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			_, err = conn.Read(make([]byte, 1))
			emulator.Must(t, err)
			emulator.Must(t, e.Monitor.Execute(t.Context(), "yank",
				map[string]any{"instances": []any{map[string]any{"type": "chardev", "id": "compat_monitor1"}}}, nil))
			if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
				t.Errorf("%s: the client is still connected", p)
			}
		}
	}
}

// A file that descriptors come with is passed through a logged monitor, too.
func TestLoggedMonitor(t *testing.T) {
	p := emulator.NeedServer(t)
	dir := t.TempDir()
	path, log := filepath.Join(dir, "m"), filepath.Join(dir, "log")
	emulator.Launch(t, p, "logged", append(bare(p), "-qmp", "unix:"+path+",server=on,wait=off,logfile="+log)...)
	m, err := emulator.DialMonitor(t.Context(), path)
	emulator.Must(t, err)
	defer m.Close()
	file, err := os.Open(os.DevNull)
	emulator.Must(t, err)
	defer file.Close()
	emulator.Must(t, m.ExecuteWithFile(t.Context(), "getfd", map[string]any{"fdname": "f"}, nil, file))
	// What was sent is logged afterwards, but before the next request is read.
	emulator.Must(t, m.Execute(t.Context(), "query-uuid", nil, nil))
	text, err := os.ReadFile(log)
	if err != nil || !strings.HasPrefix(string(text), `{"QMP": `) || strings.Count(string(text), `{"return": {}}`) != 2 {
		t.Errorf("the log is %q, %v", text, err)
	}
}

// What is left of a server that was terminated: nothing.
func TestNothingIsLeft(t *testing.T) {
	for _, p := range both(t) {
		dir := t.TempDir()
		e := emulator.Launch(t, p, "tidy", append(bare(p), "-qmp", "unix:"+dir+"/a,server=on,wait=off",
			"-chardev", "socket,id=b,path="+dir+"/b,server=on,wait=off", "-chardev", "pty,id=c,path="+dir+"/c")...)
		before, err := os.ReadDir(dir)
		emulator.Must(t, err)
		emulator.Must(t, e.Stop())
		after, err := os.ReadDir(dir)
		if err != nil || len(before) != 3 || len(after) != 0 {
			t.Errorf("%s: %v became %v, %v", p, before, after, err)
		}
	}
}
