package emulator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// replyTime is what a command gets until its reply must have come.
const replyTime = 2 * time.Minute

// A Monitor is a QMP connection that has been negotiated. It is made for tests: each wait has a deadline,
// no event is lost, replies of any length arrive whole, and descriptors can be passed along. Commands are
// issued one after the other.
type Monitor struct {
	conn    *net.UnixConn
	greeted time.Time
	events  *eventLog

	command sync.Mutex // held from a command to its reply
	replies chan reply
}

type reply struct {
	Return json.RawMessage `json:"return"`
	Error  *CommandError   `json:"error"`
}

// A CommandError is a QMP error reply.
type CommandError struct {
	Command string `json:"-"`
	Class   string `json:"class"`
	Desc    string `json:"desc"`
}

func (e *CommandError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Command, e.Class, e.Desc) }

// errMonitorGone is the end of a monitor whose emulator closed it.
var errMonitorGone = errors.New("the emulator closed the QMP connection")

// DialMonitor connects to the unix socket at path and negotiates.
func DialMonitor(ctx context.Context, path string) (*Monitor, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return Negotiate(ctx, conn.(*net.UnixConn))
}

// Negotiate makes a monitor of a connection that is there: it takes the greeting and negotiates.
func Negotiate(ctx context.Context, conn *net.UnixConn) (*Monitor, error) {
	m := &Monitor{conn: conn, events: newEventLog(), replies: make(chan reply, 1)}
	release := context.AfterFunc(ctx, func() { conn.Close() })
	defer release()
	lines := bufio.NewReader(conn)
	var greeting struct{ QMP *json.RawMessage }
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &greeting)
	}
	if err == nil && greeting.QMP == nil {
		err = fmt.Errorf("not a QMP greeting: %s", line)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	m.greeted = time.Now()
	go m.read(lines)
	if err := m.Execute(ctx, "qmp_capabilities", nil, nil); err != nil {
		conn.Close()
		return nil, err
	}
	return m, nil
}

// Close ends the connection. Waiting calls return.
func (m *Monitor) Close() error { return m.conn.Close() }

// read sorts what comes in into events and replies until the connection ends.
func (m *Monitor) read(lines *bufio.Reader) {
	defer close(m.replies)
	defer m.events.close()
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var message struct {
			Event
			reply
			Greeting json.RawMessage `json:"QMP"`
		}
		if err := json.Unmarshal(line, &message); err != nil {
			message.Error = &CommandError{Class: "not JSON", Desc: err.Error()}
		}
		switch {
		case message.Name != "":
			m.events.add(message.Event)
		case message.Greeting == nil: // QEMU greets twice who connects while it starts
			m.replies <- message.reply
		}
	}
}

// Execute runs a command with args (anything that encodes as a JSON object, nil for none) and decodes what
// it returns into result unless that is nil. A refused command is a *CommandError.
func (m *Monitor) Execute(ctx context.Context, command string, args, result any) error {
	return m.ExecuteWithFile(ctx, command, args, result, nil)
}

// ExecuteWithFile is Execute with a descriptor passed along, as getfd and add-fd want it. The caller still
// owns file.
func (m *Monitor) ExecuteWithFile(ctx context.Context, command string, args, result any, file *os.File) error {
	request, err := json.Marshal(struct {
		Execute   string `json:"execute"`
		Arguments any    `json:"arguments,omitempty"`
	}{command, args})
	if err != nil {
		return err
	}
	var rights []byte
	if file != nil {
		rights = unix.UnixRights(int(file.Fd()))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, replyTime, errors.New("no reply in time"))
	defer cancel()
	m.command.Lock()
	defer m.command.Unlock()
	if _, _, err := m.conn.WriteMsgUnix(append(request, '\n'), rights, nil); err != nil {
		return fmt.Errorf("%s: %w (%w)", command, errMonitorGone, err)
	}
	select {
	case r, open := <-m.replies:
		return r.decode(open, command, result)
	case <-ctx.Done():
		m.conn.Close() // a late reply would be taken for that of the next command
		return fmt.Errorf("%s: %w", command, context.Cause(ctx))
	}
}

func (r *reply) decode(open bool, command string, result any) error {
	switch {
	case !open:
		return fmt.Errorf("%s: %w", command, errMonitorGone)
	case r.Error != nil:
		r.Error.Command = command
		return r.Error
	case result == nil:
		return nil
	}
	if err := json.Unmarshal(r.Return, result); err != nil {
		return fmt.Errorf("%s returned %s: %w", command, r.Return, err)
	}
	return nil
}
