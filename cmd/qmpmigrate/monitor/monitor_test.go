package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/digitalocean/go-qemu/qmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ qmp.Monitor = (*Monitor)(nil)

const greeting = `{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}, "package": ""}, "capabilities": ["oob"]}}` + "\n"

// serve plays a server that answers every command with the next of the answers
// and then ends the connection. What it was asked is in the result.
func serve(t *testing.T, hello string, answers ...string) (m *Monitor, asked func() []string) {
	t.Helper()
	ours, theirs := net.Pipe()
	var lines []string
	var served sync.WaitGroup
	served.Go(func() {
		defer theirs.Close()
		if _, err := io.WriteString(theirs, hello); err != nil {
			return
		}
		buf := make([]byte, 1<<16)
		for _, answer := range answers {
			n, err := theirs.Read(buf)
			if err != nil {
				return
			}
			lines = append(lines, strings.TrimSpace(string(buf[:n])))
			if _, err := io.WriteString(theirs, answer); err != nil {
				return
			}
		}
	})
	m = New(ours)
	t.Cleanup(func() {
		m.Disconnect()
		served.Wait()
	})
	return m, func() []string {
		m.Disconnect()
		served.Wait()
		return lines
	}
}

const empty = `{"return": {}}`

func connect(t *testing.T, m *Monitor) {
	t.Helper()
	if err := m.Connect(); err != nil {
		t.Fatal(err)
	}
}

func TestSecondGreeting(t *testing.T) {
	m, _ := serve(t, greeting, greeting+empty, `{"return": 1}`)
	connect(t, m)
	if reply, err := m.Run([]byte("one")); err != nil || string(reply) != `{"return": 1}` {
		t.Errorf("reply is %s, %v", reply, err)
	}
}

func TestRun(t *testing.T) {
	long := strings.Repeat("x", 1<<18)
	m, asked := serve(t, greeting, empty, `{"return": "`+long+`"}`,
		"{\r\n    \"error\": {\r\n        \"class\": \"CommandNotFound\",\r\n        \"desc\": \"no such command\"\r\n    }\r\n}\r\n")
	m.OOB = true
	connect(t, m)
	if m.Version.String() != "10.0.2" {
		t.Errorf("version is %s", m.Version)
	}
	reply, err := m.Run([]byte("one"))
	if err != nil || len(reply) != len(long)+len(`{"return": ""}`) {
		t.Errorf("reply has %d bytes, %v", len(reply), err)
	}
	_, err = m.Run([]byte("two"))
	if refused := (*Error)(nil); !errors.As(err, &refused) || refused.Class != "CommandNotFound" || err.Error() != "no such command" {
		t.Errorf("error is %v", err)
	}
	if _, err = m.Run([]byte("three")); !errors.Is(err, ErrEnded) {
		t.Errorf("after the end the error is %v", err)
	}
	<-m.Ended()
	const want = `[{"execute":"qmp_capabilities","arguments":{"enable":["oob"]}} one two]`
	if got := fmt.Sprint(asked()); got != want {
		t.Errorf("asked was %s", got)
	}
}

const event = `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP", "data": {"a": 1}}`

// Events come before the reply that follows them, to who wants them.
func TestOnEvent(t *testing.T) {
	m, _ := serve(t, greeting, event+empty, event+"\n"+event+empty+event)
	var seen atomic.Int32
	m.OnEvent = func(qmp.Event) { seen.Add(1) }
	connect(t, m)
	if n := seen.Load(); n != 1 {
		t.Errorf("%d events were seen", n)
	}
	if _, err := m.Run([]byte("x")); err != nil || seen.Load() < 3 {
		t.Errorf("%d events were seen, %v", seen.Load(), err)
	}
	<-m.Ended()
	if n := seen.Load(); n != 4 {
		t.Errorf("%d events were seen", n)
	}
}

func TestEvents(t *testing.T) {
	m, _ := serve(t, greeting, empty, event+empty)
	connect(t, m)
	events, err := m.Events(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	replied := make(chan error)
	go func() {
		_, err := m.Run([]byte("x"))
		replied <- err
	}()
	if e := <-events; e.Event != "STOP" || e.Data["a"] != 1.0 || e.Timestamp.Microseconds != 2 {
		t.Errorf("event is %+v", e)
	}
	if err := <-replied; err != nil {
		t.Error(err)
	}
	if e, open := <-events; open {
		t.Errorf("event %+v", e)
	}
}

// Nobody takes an event or a reply, and still the connection can be ended.
func TestDisconnect(t *testing.T) {
	for _, unwanted := range []string{event, empty} {
		m, _ := serve(t, greeting, empty+unwanted, empty)
		connect(t, m)
		if err := m.Disconnect(); err != nil {
			t.Error(err)
		}
		<-m.Ended()
		if _, err := m.Run([]byte("x")); !errors.Is(err, ErrEnded) {
			t.Errorf("error is %v", err)
		}
	}
}

func TestConnectFails(t *testing.T) {
	for hello, want := range map[string]string{
		"":                    "EOF",
		"220 mail\n":          "json: cannot unmarshal number",
		`{"return": {}}`:      "json: no greeting of QMP",
		"SSH-2.0-OpenSSH\r\n": "invalid character 'S'",
		greeting:              ErrEnded.Error(),
		greeting + `[]`:       ErrEnded.Error(),
	} {
		m, _ := serve(t, hello)
		if err := m.Connect(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", hello, err)
		}
	}
	refusing, _ := serve(t, greeting, `{"error": {"class": "GenericError", "desc": "busy"}}`)
	if err := refusing.Connect(); err == nil || err.Error() != "busy" {
		t.Errorf("error is %v", err)
	}
}

func TestMessageIsBounded(t *testing.T) {
	r := newReader(io.MultiReader(strings.NewReader(`"`), endless{}), 1<<16)
	if _, err := r.next(); err == nil || err.Error() != "a message of more than 65536 bytes" {
		t.Errorf("error is %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
