package qmp

import (
	"slices"
	"sync"
	"time"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// broadcaster sends events to the outputs of all sessions in command mode. Its lock makes the order of events, and
// with it that of their timestamps, the same for all.
type broadcaster struct {
	mu      sync.Mutex
	outputs []*output
	scratch []byte
}

// add sends welcome to an output and all events after it: once the client has read that, it misses none.
func (b *broadcaster) add(o *output, welcome []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.send(welcome)
	b.outputs = append(b.outputs, o)
}

func (b *broadcaster) remove(o *output) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.outputs, o); i >= 0 {
		b.outputs = slices.Delete(b.outputs, i, i+1)
	}
}

func (b *broadcaster) emit(event qapi.Event, now func() time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.outputs) == 0 {
		return
	}
	message := appendEvent(b.scratch[:0], event, now())
	for _, o := range b.outputs {
		o.send(message)
	}
	b.scratch = trimmed(message)
}

func appendEvent(b []byte, event qapi.Event, at time.Time) []byte {
	b = qobject.AppendInt(append(b, `{"timestamp": {"seconds": `...), at.Unix())
	b = qobject.AppendInt(append(b, `, "microseconds": `...), int64(at.Nanosecond()/1000))
	b = qobject.AppendString(append(b, `}, "event": `...), event.EventName())
	const data = `, "data": `
	before := len(b)
	b = append(b, data...)
	if b = event.AppendData(b); len(b) == before+len(data) {
		b = b[:before]
	}
	return append(b, "}\r\n"...)
}
