package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
)

// ErrEnded says that the connection has ended, from either side.
var ErrEnded = errors.New("the QMP connection has ended")

// Error is a command that the server refused.
type Error struct {
	Class string // "GenericError", "CommandNotFound", ...
	Desc  string
}

func (e *Error) Error() string { return e.Desc }

// Monitor is one connection. After Connect its methods may be called from any
// goroutine; commands go one after the other.
type Monitor struct {
	// Version is the server's, after Connect.
	Version qmp.Version

	// OnEvent is called for every event, before the replies that follow it, by
	// the goroutine that reads: it must not wait for a command. It is to be set
	// before Connect. Where it is nil the events are for Events.
	OnEvent func(qmp.Event)
	// OOB asks for out-of-band commands, where the server knows them. It is to
	// be set before Connect.
	OOB bool

	conn    net.Conn
	reader  *reader
	sending sync.Mutex // held from a command to its reply
	replies chan Reply
	events  chan qmp.Event
	ended   chan struct{} // closed when nothing is read any more
	closing chan struct{} // closed by Disconnect
	close   func() error
}

// Dial opens a connection to the server at address, see ParseAddress. Connect
// is still to come.
func Dial(ctx context.Context, address string) (*Monitor, error) {
	network, where, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, where)
	if err != nil {
		return nil, err
	}
	return New(conn), nil
}

// New makes a Monitor of a connection, which is its own from now on.
func New(conn net.Conn) *Monitor {
	m := &Monitor{
		conn:    conn,
		reader:  newReader(conn, messageSize),
		replies: make(chan Reply),
		events:  make(chan qmp.Event),
		ended:   make(chan struct{}),
		closing: make(chan struct{}),
	}
	m.close = sync.OnceValue(func() error {
		close(m.closing)
		return conn.Close()
	})
	return m
}

// Connect takes the greeting and negotiates. Disconnect ends it where the
// server says nothing.
func (m *Monitor) Connect() error {
	var greeting struct {
		QMP *struct {
			Version      qmp.Version `json:"version"`
			Capabilities []string    `json:"capabilities"`
		}
	}
	text, err := m.reader.next()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &greeting); err != nil {
		return err
	}
	if greeting.QMP == nil {
		return fmt.Errorf("json: no greeting of QMP: %.100s", text)
	}
	m.Version = greeting.QMP.Version
	go m.read()
	request := qmp.Command{Execute: "qmp_capabilities"}
	if m.OOB && slices.Contains(greeting.QMP.Capabilities, "oob") {
		request.Args = map[string]any{"enable": []string{"oob"}}
	}
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	_, err = m.Run(line)
	return err
}

// Disconnect ends the connection. Whatever waits for a reply fails with ErrEnded.
func (m *Monitor) Disconnect() error { return m.close() }

// Ended is closed when the connection has ended, from either side.
func (m *Monitor) Ended() <-chan struct{} { return m.ended }

// Events gives the events, which must be taken: no reply is read before. The
// channel is closed when the connection ends. It is of no use with OnEvent.
func (m *Monitor) Events(context.Context) (<-chan qmp.Event, error) { return m.events, nil }

// Run sends one command and gives the reply to it. A refused one is an *Error,
// and every other error means that the connection has ended.
func (m *Monitor) Run(command []byte) ([]byte, error) {
	reply, err := m.Send(command)
	if err != nil {
		return nil, err
	}
	if reply.Error != nil {
		return nil, reply.Error
	}
	return reply.Text, nil
}

// Send is Run for who wants to see the reply as it is.
func (m *Monitor) Send(command []byte) (Reply, error) {
	m.sending.Lock()
	defer m.sending.Unlock()
	// A server that takes nothing must not hold us for ever.
	_ = m.conn.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := m.conn.Write(append(slices.Clip(command), '\n')); err != nil {
		_ = m.close()
		return Reply{}, fmt.Errorf("%w (%w)", ErrEnded, err)
	}
	select {
	case reply := <-m.replies:
		return reply, nil
	case <-m.ended:
		return Reply{}, ErrEnded
	}
}
