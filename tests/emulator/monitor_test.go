package emulator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const fakeGreeting = `{"QMP": {"version": {"qemu": {"major": 10}}, "capabilities": ["oob"]}}` + "\r\n"

// fakeServer listens as an emulator would, greets one client, answers qmp_capabilities and then each line
// with what answer returns.
func fakeServer(t *testing.T, greeting string, answer func(line string, conn *net.UnixConn) string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "qmp")
	listener, err := net.Listen("unix", path)
	Must(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { listener.Close(); <-done })
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, greeting)
		lines := bufio.NewReader(conn)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if strings.Contains(line, "qmp_capabilities") {
				fmt.Fprint(conn, `{"return": {}}`+"\r\n")
				continue
			}
			if text := answer(line, conn.(*net.UnixConn)); text == "" {
				return
			} else if _, err := fmt.Fprint(conn, text); err != nil {
				return
			}
		}
	}()
	return path
}

func dial(t *testing.T, path string) *Monitor {
	t.Helper()
	m, err := DialMonitor(t.Context(), path)
	Must(t, err)
	t.Cleanup(func() { m.Close() })
	return m
}

func TestMonitorCommands(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	m := dial(t, fakeServer(t, fakeGreeting, func(line string, _ *net.UnixConn) string {
		switch strings.TrimSpace(line) {
		case `{"execute":"query-name"}`:
			// An event between command and reply, one right behind it, and a reply longer than usual buffers.
			return `{"event": "STOP", "timestamp": {}}` + "\r\n" +
				`{"return": {"name": "` + long + `"}}` + "\r\n" + `{"event": "RESUME", "data": {"a": 1}}` + "\r\n"
		case `{"execute":"stop","arguments":{"why":1}}`:
			return `{"error": {"class": "GenericError", "desc": "no"}}` + "\r\n"
		}
		return "?\r\n"
	}))
	var name struct{ Name string }
	Must(t, m.Execute(t.Context(), "query-name", nil, &name))
	if name.Name != long {
		t.Errorf("reply has %d bytes", len(name.Name))
	}
	_, err := m.WaitEvent(t.Context(), 0, "RESUME", func(e Event) bool { return string(e.Data) == `{"a": 1}` })
	Must(t, err)
	if events := m.Events(); len(events) != 2 || events[0].Name != "STOP" || events[1].String() != `RESUME {"a": 1}` {
		t.Errorf("events are %v", events)
	}
	var refused *CommandError
	if err := m.Execute(t.Context(), "stop", map[string]int{"why": 1}, nil); !errors.As(err, &refused) ||
		refused.Class != "GenericError" || err.Error() != "stop: GenericError: no" {
		t.Errorf("error is %v", err)
	}
	if err := m.Execute(t.Context(), "garbage", nil, nil); err == nil || !strings.Contains(err.Error(), "not JSON") {
		t.Errorf("error is %v", err)
	}
}

func TestMonitorGone(t *testing.T) {
	m := dial(t, fakeServer(t, fakeGreeting, func(string, *net.UnixConn) string { return "" }))
	if err := m.Execute(t.Context(), "quit", nil, nil); !errors.Is(err, errMonitorGone) {
		t.Errorf("command: %v", err)
	}
	if _, err := m.WaitEvent(t.Context(), 0, "SHUTDOWN", nil); !errors.Is(err, errMonitorGone) {
		t.Errorf("event: %v", err)
	}
	if err := m.Execute(t.Context(), "stop", nil, nil); !errors.Is(err, errMonitorGone) {
		t.Errorf("later command: %v", err)
	}
}

func TestMonitorTimeouts(t *testing.T) {
	release := make(chan struct{})
	m := dial(t, fakeServer(t, fakeGreeting, func(string, *net.UnixConn) string { <-release; return "" }))
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := m.WaitEvent(ctx, 0, "STOP", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("event: %v", err)
	}
	if err := m.Execute(ctx, "stop", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("command: %v", err)
	}
	if err := m.Execute(t.Context(), "cont", nil, nil); err == nil {
		t.Error("a monitor that lost a reply was used again")
	}
}

func TestMonitorGreeting(t *testing.T) {
	for _, greeting := range []string{"{}\n", "hello\n", `{"return": {}}` + "\n"} {
		if m, err := DialMonitor(t.Context(), fakeServer(t, greeting, nil)); err == nil {
			m.Close()
			t.Errorf("greeting %q was accepted", greeting)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := DialMonitor(ctx, fakeServer(t, "", nil)); err == nil {
		t.Error("no greeting was accepted")
	}
}

func TestMonitorPassesDescriptors(t *testing.T) {
	read, write, err := os.Pipe()
	Must(t, err)
	defer read.Close()
	path := filepath.Join(t.TempDir(), "qmp")
	listener, err := net.Listen("unix", path)
	Must(t, err)
	defer listener.Close()
	done := make(chan error, 1)
	go func() { done <- takeDescriptor(listener) }()
	m := dial(t, path)
	Must(t, m.ExecuteWithFile(t.Context(), "getfd", map[string]string{"fdname": "x"}, nil, write))
	write.Close()
	Must(t, <-done)
	if text, err := io.ReadAll(read); err != nil || string(text) != "here" {
		t.Errorf("came over the descriptor: %q, %v", text, err)
	}
}

// takeDescriptor is the emulator's side: it writes into the descriptor that comes with the second command.
func takeDescriptor(listener net.Listener) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprint(conn, fakeGreeting)
	data, oob := make([]byte, 4096), make([]byte, 4096)
	for range 2 {
		_, n, _, _, err := conn.(*net.UnixConn).ReadMsgUnix(data, oob)
		if err != nil {
			return err
		}
		if n > 0 {
			messages, err := unix.ParseSocketControlMessage(oob[:n])
			if err != nil {
				return err
			}
			fds, err := unix.ParseUnixRights(&messages[0])
			if err != nil {
				return err
			}
			file := os.NewFile(uintptr(fds[0]), "passed")
			fmt.Fprint(file, "here")
			file.Close()
		}
		fmt.Fprint(conn, `{"return": {}}`+"\n")
	}
	return nil
}
