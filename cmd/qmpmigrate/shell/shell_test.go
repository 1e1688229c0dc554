package shell

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
)

func TestRun(t *testing.T) {
	for name, tc := range map[string]struct {
		c               Config
		lines           string
		ok              bool
		out, errs, sent string
	}{
		"successes": {Config{}, "query-status\n# a comment\n\nmigrate uri=x", true,
			`{"return":{"status":"running"}}` + "\n" + `{"return":{}}` + "\n", "",
			`{"execute":"query-status"}` + "\n" + `{"execute":"migrate","arguments":{"uri":"x"}}`},
		"goes on behind a failure": {Config{}, "quer-status\nmigrate uri\nhelp a b\nhelp nil\nquery-status", false,
			`{"error":{"class":"CommandNotFound","desc":"The command quer-status has not been found"}}` + "\n" + `{"return":{"status":"running"}}` + "\n",
			"there is no command 'quer-status'; did you mean query-status, query-stats?\n'uri' is not NAME=VALUE\nhelp explains one command\nthere is no command 'nil'\n",
			`{"execute":"quer-status"}` + "\n" + `{"execute":"query-status"}`},
		"pretty": {Config{Pretty: true}, `{"execute": "query-status"}`, true, "{\n    \"return\": {\n        \"status\": \"running\"\n    }\n}\n", "", `{"execute": "query-status"}`},
		"leaves": {Config{}, "exit\nquery-status", true, "", "", ""},
		"text":   {Config{HMP: true}, "info status\nquiet", true, "VM status: running\n", "", `{"arguments":{"command-line":"info status"},"execute":"human-monitor-command"}` + "\n" + `{"arguments":{"command-line":"quiet"},"execute":"human-monitor-command"}`},
		"text fails": {Config{HMP: true}, "frob\ninfo status", false, "unknown command: 'frob'\nVM status: running\n", "",
			`{"arguments":{"command-line":"frob"},"execute":"human-monitor-command"}` + "\n" + `{"arguments":{"command-line":"info status"},"execute":"human-monitor-command"}`},
	} {
		t.Run(name, func(t *testing.T) {
			server, dial := serve(t, usual)
			var err error
			if tc.c.Peer, err = dial(func(qmp.Event) {}); err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			tc.c.Out, tc.c.Errs = &out, &errs
			s, err := New(tc.c)
			if err != nil {
				t.Fatal(err)
			}
			before := len(server.requests())
			ok, err := s.Run(context.Background(), strings.NewReader(tc.lines))
			if err != nil || ok != tc.ok || out.String() != tc.out || errs.String() != tc.errs {
				t.Errorf("%v, %v\n%s\n%s", ok, err, out.String(), errs.String())
			}
			if sent := strings.TrimPrefix(server.requests()[before:], "\n"); sent != tc.sent {
				t.Errorf("sent was %s", sent)
			}
		})
	}
}

// The server ends while a command waits: that is said, and is the end.
func TestServerEnds(t *testing.T) {
	_, dial := serve(t, func(command string, args map[string]any) string {
		if command == "open" {
			return ""
		}
		return usual(command, args)
	})
	peer, err := dial(func(qmp.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	s, err := New(Config{Peer: peer, Out: &out, Errs: &errs})
	if err != nil {
		t.Fatal(err)
	}
	ok, err := s.Run(context.Background(), strings.NewReader("open\nquery-status"))
	if ok || err != nil || out.Len() != 0 || errs.String() != "the QMP connection has ended\n" {
		t.Errorf("%v, %v, %q, %q", ok, err, out.String(), errs.String())
	}
}

// typist is a terminal on which keys are pressed one after the other, each when
// something that it waits for is on the screen.
type typist struct {
	mu     sync.Mutex
	screen bytes.Buffer
	more   chan struct{} // has something when the screen changed
	keys   *io.PipeWriter
}

func (y *typist) Write(p []byte) (int, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.screen.Write(p)
	select {
	case y.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

// expect waits until text is on the screen, and forgets what is before it.
func (y *typist) expect(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		y.mu.Lock()
		before, after, found := strings.Cut(y.screen.String(), text)
		if found {
			y.screen.Reset()
			y.screen.WriteString(after)
			y.mu.Unlock()
			return
		}
		y.mu.Unlock()
		select {
		case <-y.more:
		case <-deadline:
			t.Fatalf("%q is not on the screen: %q", text, before)
		}
	}
}

func (y *typist) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(y.keys, keys); err != nil {
		t.Fatal(err)
	}
}

// interact starts a shell on a terminal. done gives what Interact returns.
func interact(t *testing.T, c Config, answer func(string, map[string]any) string, interrupted chan os.Signal) (y *typist, s *server, done chan error) {
	t.Helper()
	in, keys := io.Pipe()
	y = &typist{more: make(chan struct{}, 1), keys: keys}
	s, dial := serve(t, answer)
	done = make(chan error, 1)
	go func() {
		done <- Interact(c, Console{In: in, Out: y, Raw: func() (func(), error) { return func() {}, nil },
			Size: func() (int, int, error) { return 60, 20, nil }, Interrupted: interrupted,
			History: filepath.Join(t.TempDir(), "state", "history")}, dial)
	}()
	t.Cleanup(func() { keys.Close() })
	return y, s, done
}

func TestInteract(t *testing.T) {
	y, s, done := interact(t, Config{Pretty: true}, usual, nil)
	y.expect(t, "Connected to version 10.0.0")
	y.expect(t, "(QMP) ")
	y.press(t, "que\t")
	y.expect(t, "query-stat")
	y.press(t, "\t")
	y.expect(t, "query-stats   query-status\r\n")
	y.press(t, "us\r")
	y.expect(t, "\"status\": \"running\"")
	y.expect(t, "(QMP) ")
	y.press(t, "mig\tu\tx mode=fr\t\r")
	y.expect(t, "\"return\": {}")
	y.press(t, "some rubbish\x03\x1b[A\x1b[A\r") // Ctrl-C, and twice up
	y.expect(t, "\"status\": \"running\"")
	y.expect(t, "(QMP) ")
	y.press(t, "zzz")
	y.expect(t, "zzz")
	if _, err := io.WriteString(s.conn, `{"event": "STOP", "data": {"a": 1}, "timestamp": {"seconds": 5, "microseconds": 7}}`); err != nil {
		t.Fatal(err)
	}
	y.expect(t, ".000007 STOP {\"a\":1}\r\n(QMP) zzz") // above what is being written
	y.press(t, "\x03help open\r")
	y.expect(t, "others, according to driver")
	y.press(t, "\x04")
	if err := <-done; err != nil {
		t.Error(err)
	}
	const want = `{"execute":"query-status"}
{"execute":"migrate","arguments":{"mode":"fresh","uri":"x"}}
{"execute":"query-status"}`
	if got := s.requests(); !strings.HasSuffix(got, want) {
		t.Errorf("sent was %s", got)
	}
}

func TestInteractText(t *testing.T) {
	y, _, done := interact(t, Config{HMP: true}, usual, nil)
	y.expect(t, "(qemu) ")
	y.press(t, "inf\tst\t\r")
	y.expect(t, "VM status: running\r\n")
	y.press(t, "exit\r")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Ctrl-C while a reply is waited for gives the prompt back; the reply is shown
// when it comes.
func TestInteractInterrupted(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	interrupted := make(chan os.Signal)
	y, _, done := interact(t, Config{}, func(command string, args map[string]any) string {
		if command == "open" {
			close(asked)
			<-release
			return `{"return": {"late": true}}`
		}
		return usual(command, args)
	}, interrupted)
	y.expect(t, "(QMP) ")
	y.press(t, "open\r")
	<-asked
	interrupted <- os.Interrupt
	y.expect(t, errNotWaited.Error())
	y.expect(t, "(QMP) ")
	close(release)
	y.expect(t, `{"return":{"late":true}}`)
	y.press(t, "query-status\r")
	y.expect(t, "running")
	y.press(t, "\x04")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestInteractFails(t *testing.T) {
	_, _, done := interact(t, Config{}, func(string, map[string]any) string { return `{"error": {"class": "GenericError", "desc": "busy"}}` }, nil)
	if err := <-done; err == nil || err.Error() != "busy" {
		t.Errorf("error is %v", err)
	}
	_, _, done = interact(t, Config{HMP: true}, func(command string, args map[string]any) string {
		if command == "human-monitor-command" {
			return `{"error": {"class": "CommandNotFound", "desc": "no such command"}}`
		}
		return usual(command, args)
	}, nil)
	if err := <-done; err == nil || err.Error() != "no text monitor: no such command" {
		t.Errorf("error is %v", err)
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "history")
	h := openHistory(path)
	for _, line := range []string{"one", "two", "two", "", " secret", "three"} {
		h.Add(line)
	}
	if h.Len() != 3 || h.At(0) != "three" || h.At(2) != "one" {
		t.Errorf("history is %q", h.lines)
	}
	if again := openHistory(path); strings.Join(again.lines, " ") != "one two three" {
		t.Errorf("kept was %q", again.lines)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for n := range 2 * historySize {
		h.Add(strings.Repeat("x", n%7+1))
	}
	if again := openHistory(path); h.Len() != historySize || again.Len() != historySize {
		t.Errorf("kept were %d and %d lines", h.Len(), again.Len())
	}
	if text, err := os.ReadFile(path); err != nil || bytes.Count(text, []byte("\n")) != historySize {
		t.Errorf("the file has %d lines, %v", bytes.Count(text, []byte("\n")), err)
	}
	openHistory("").Add("nowhere")
}

func TestInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	in, err := NewInput(r)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	io.WriteString(w, "keys")
	buf := make([]byte, 10)
	if n, err := in.Read(buf); err != nil || string(buf[:n]) != "keys" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	time.AfterFunc(time.Millisecond, in.End)
	if n, err := in.Read(buf); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
}
