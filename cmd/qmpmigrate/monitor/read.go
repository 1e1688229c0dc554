package monitor

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
)

const (
	// messageSize is what one message may have. A schema has about 250 KiB.
	messageSize = 16 << 20
	// writeTime is what a server gets to take a command off the wire.
	writeTime = 10 * time.Second
)

// Reply is what a server says to a command.
type Reply struct {
	Text  []byte // all of it
	Error *Error // not nil when it refused
}

// reader splits what comes into JSON values, however many lines they take.
type reader struct {
	decoder *json.Decoder
	limited *io.LimitedReader
	size    int64 // of a message, at most
}

func newReader(r io.Reader, size int64) *reader {
	limited := &io.LimitedReader{R: r}
	return &reader{json.NewDecoder(limited), limited, size}
}

func (r *reader) next() (json.RawMessage, error) {
	r.limited.N = r.size
	var text json.RawMessage
	if err := r.decoder.Decode(&text); err != nil {
		if r.limited.N <= 0 {
			return nil, fmt.Errorf("a message of more than %d bytes", r.size)
		}
		return nil, err
	}
	return text, nil
}

// read sorts what comes until the connection ends.
func (m *Monitor) read() {
	defer close(m.events)
	defer close(m.ended)
	defer func() { _ = m.close() }()
	for {
		text, err := m.reader.next()
		if err != nil {
			return
		}
		var message struct {
			qmp.Event
			Error    *Error          `json:"error"`
			Greeting json.RawMessage `json:"QMP"`
		}
		if json.Unmarshal(text, &message) != nil {
			return // an object of QMP's it is not
		}
		if message.Greeting != nil {
			continue // QEMU greets twice who connects while it starts
		}
		if message.Event.Event == "" {
			select {
			case m.replies <- Reply{text, message.Error}:
			case <-m.closing:
				return
			}
			continue
		}
		if m.OnEvent != nil {
			m.OnEvent(message.Event)
			continue
		}
		select {
		case m.events <- message.Event:
		case <-m.closing:
			return
		}
	}
}
