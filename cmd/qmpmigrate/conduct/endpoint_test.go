package conduct

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const greeting = `{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": ""}, "capabilities": []}}` + "\r\n"

// serve plays a QMP server over a real socket: it sends the greeting and then,
// for each command that comes, the next of the answers. A nil answer, or the
// end of them, closes the connection. The lines that came are sent to got.
func serve(t *testing.T, hello string, answers ...[]byte) (path string, got <-chan string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "qmp")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	lines := make(chan string, 16)
	go func() {
		defer close(lines)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, hello)
		in := bufio.NewReader(conn)
		for _, a := range answers {
			buf := make([]byte, 4096)
			n, err := in.Read(buf)
			if err != nil || a == nil {
				return
			}
			lines <- string(buf[:n])
			_, _ = conn.Write(a)
		}
		_, _ = io.Copy(io.Discard, in) // until the client leaves
	}()
	return path, lines
}

var empty = []byte(`{"return": {}}` + "\r\n")

func dial(t *testing.T, path string) *Endpoint {
	t.Helper()
	e, err := Dial(t.Context(), "peer", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestExecute(t *testing.T) {
	path, got := serve(t, greeting, empty,
		[]byte(`{"timestamp": {"seconds": 5, "microseconds": 7}, "event": "STOP"}`+"\r\n"+`{"return": {"status": "paused"}}`+"\r\n"),
		[]byte(`{"error": {"class": "GenericError", "desc": "not today"}}`+"\r\n"),
		[]byte(`{"return": []}`+"\r\n"))
	e := dial(t, path)
	<-got // qmp_capabilities
	var status struct{ Status string }
	if err := e.Execute(t.Context(), "query-status", nil, &status); err != nil || status.Status != "paused" {
		t.Errorf("status is %+v, %v", status, err)
	}
	if line := <-got; strings.TrimSpace(line) != `{"execute":"query-status"}` {
		t.Errorf("sent %s", line)
	}
	if event := <-e.events; event.Name != "STOP" || event.Endpoint != "peer" || event.Time.UnixMicro() != 5000007 {
		t.Errorf("event is %+v", event)
	}
	err := e.Execute(t.Context(), "cont", map[string]any{"a": 1}, nil)
	var refused *CommandError
	if !errors.As(err, &refused) || err.Error() != "peer: cont: not today" {
		t.Errorf("error is %v", err)
	}
	if line := <-got; strings.TrimSpace(line) != `{"execute":"cont","arguments":{"a":1}}` {
		t.Errorf("sent %s", line)
	}
	err = e.Execute(t.Context(), "query-status", nil, &status)
	if err == nil || !strings.HasPrefix(err.Error(), "peer: query-status returned what is not expected: ") {
		t.Errorf("error is %v", err)
	}
}

func TestExecuteArguments(t *testing.T) {
	path, _ := serve(t, greeting, empty)
	err := dial(t, path).Execute(t.Context(), "x", map[string]any{"f": func() {}}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "peer: x: json: unsupported type") {
		t.Errorf("error is %v", err)
	}
}

// The process ends while it is asked, before, and between two commands.
func TestPeerEnds(t *testing.T) {
	for name, answers := range map[string][][]byte{
		"instead of an answer": {empty, nil},
		"within an answer":     {empty, []byte(`{"return": {"sta`), nil},
		"behind an answer":     {empty, empty, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := serve(t, greeting, answers...)
			e := dial(t, path)
			var err error
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				err = e.Execute(ctx, "query-status", nil, nil)
				cancel()
			}
			if !errors.Is(err, ErrGone) {
				t.Errorf("error is %v", err)
			}
			<-e.Gone()
		})
	}
}

// A peer that does not answer costs a bounded time, and then the connection.
func TestPeerIsSilent(t *testing.T) {
	path, _ := serve(t, greeting, empty)
	e := dial(t, path)
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(errInterrupted) })
	if err := e.Execute(ctx, "query-status", nil, nil); !errors.Is(err, errInterrupted) {
		t.Errorf("error is %v", err)
	}
	if err := e.Execute(t.Context(), "query-status", nil, nil); !errors.Is(err, ErrGone) {
		t.Errorf("then error is %v", err)
	}
}

func TestDialFails(t *testing.T) {
	silent, _ := serve(t, "")
	babbling, _ := serve(t, "220 mail.example.org\r\n")
	refusing, _ := serve(t, greeting, []byte(`{"error": {"class": "GenericError", "desc": "busy"}}`))
	for address, want := range map[string]string{
		"":              "peer: the address of a QMP server is empty",
		"/no/such/file": "peer: dial unix /no/such/file: connect: no such file or directory",
		silent:          "peer: too long",
		babbling:        "peer: no QMP server: json: ",
		refusing:        "peer: no QMP server: busy",
	} {
		wait := time.Minute
		if address == silent {
			wait = 20 * time.Millisecond
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), wait, errors.New("too long"))
		e, err := Dial(ctx, "peer", address)
		cancel()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, %v", address, e, err)
		}
	}
}

// Whoever ends the wait says why, also where that is before there is a connection.
func TestDialEnds(t *testing.T) {
	path, _ := serve(t, "")
	why := errors.New("too long")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	late, stop := context.WithTimeoutCause(t.Context(), time.Nanosecond, why)
	defer stop()
	for name, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
		if e, err := Dial(ctx, "peer", path); !errors.Is(err, why) {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
}

// Nobody listens, and still every reply comes.
func TestManyEvents(t *testing.T) {
	event := []byte(`{"timestamp": {"seconds": 5, "microseconds": 7}, "event": "MIGRATION_PASS", "data": {"pass": 3}}` + "\r\n")
	path, _ := serve(t, greeting, empty, append(slices.Repeat(event, 2*eventBacklog), empty...))
	e := dial(t, path)
	if err := e.Execute(t.Context(), "x", nil, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(e.events); n != eventBacklog {
		t.Errorf("%d events wait", n)
	}
	e.forget()
	if n := len(e.events); n != 0 {
		t.Errorf("%d events wait after all were forgotten", n)
	}
}

func TestNames(t *testing.T) {
	path, _ := serve(t, greeting, empty)
	if e := dial(t, path); e.Name() != "peer" {
		t.Error(e.Name())
	}
}
