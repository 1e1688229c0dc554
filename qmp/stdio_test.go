package qmp

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// stdioPipes makes the two pipes of a program's standard input and output.
func stdioPipes(t *testing.T) (conn io.ReadWriteCloser, toIn, fromOut *os.File) {
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	conn, err = Stdio(inR, outW)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, f := range []*os.File{inR, inW, outR, outW} {
			f.Close()
		}
	})
	outR.SetDeadline(time.Now().Add(20 * time.Second))
	return conn, inW, outR
}

func TestStdioSessionGoesOnAfterItsInput(t *testing.T) {
	for _, negotiate := range []string{`{"execute": "qmp_capabilities"}`, negotiateOOB} {
		m := newTestServer(t)
		conn, in, out := stdioPipes(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.server.NewMonitor(MonitorConfig{StayOnEOF: true}).ServeConn(ctx, conn) }()
		io.WriteString(in, negotiate+strings.Repeat(`{"execute": "query-version"}`, 3)+`{"execute": "query-status"}`)
		in.Close()
		lines := bufio.NewScanner(out)
		for range 5 {
			lines.Scan()
		}
		if lines.Scan(); !strings.Contains(lines.Text(), "running") {
			t.Errorf("the last request got %q", lines.Text())
		}
		m.server.Emit(testEvent{"STOP", ""})
		if lines.Scan(); !strings.Contains(lines.Text(), "STOP") {
			t.Errorf("got %q", lines.Text())
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestStdioSessionEndsWithItsOutput(t *testing.T) {
	m := newTestServer(t)
	conn, in, out := stdioPipes(t)
	ended := make(chan error, 1)
	go func() { ended <- m.server.NewMonitor(MonitorConfig{StayOnEOF: true}).ServeConn(t.Context(), conn) }()
	io.WriteString(in, `{"execute": "qmp_capabilities"}{"execute": "query-status"}`)
	in.Close()
	lines := bufio.NewScanner(out)
	for range 3 { // after the last reply the session takes events
		lines.Scan()
	}
	out.Close()
	m.server.Emit(testEvent{"STOP", ""})
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStdioCloseEndsWaits(t *testing.T) {
	conn, in, out := stdioPipes(t)
	errs := make(chan error, 2)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		errs <- err
	}()
	go func() {
		_, err := conn.Write(make([]byte, 1<<20)) // nobody reads
		errs <- err
	}()
	io.ReadFull(out, make([]byte, 1)) // the writer is at work
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-errs; !errors.Is(err, os.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
	if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	if err := conn.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
	if n, err := conn.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
	in.Close()
}

func TestStdioOfFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/in", []byte(`{"execute": "qmp_capabilities"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(dir + "/in")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(dir + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	conn, err := Stdio(in, out)
	if err != nil {
		t.Fatal(err)
	}
	if err := newTestServer(t).server.NewMonitor(MonitorConfig{}).ServeConn(t.Context(), conn); err != nil {
		t.Error(err)
	}
	got, err := os.ReadFile(dir + "/out")
	if err != nil || string(got) != testGreeting+"\r\n{\"return\": {}}\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}
