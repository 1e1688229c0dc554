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
	policy *qapi.Policy
	now    func() time.Time
	limits map[string]rateLimit

	mu      sync.Mutex
	outputs []*output
	scratch []byte
	limited limiter
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

func (b *broadcaster) emit(event qapi.Event) {
	if b.policy.HidesEvent(event) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	limit, limited := b.limits[event.EventName()]
	if len(b.outputs) == 0 && !limited {
		return
	}
	message := b.appendEvent(b.scratch[:0], event)
	if !limited {
		b.broadcast(message)
	} else {
		b.throttle(limit, event, message)
	}
	b.scratch = trimmed(message)
}

// broadcast sends one message to all.
func (b *broadcaster) broadcast(message []byte) {
	for _, o := range b.outputs {
		o.send(message)
	}
}

func (b *broadcaster) appendEvent(text []byte, event qapi.Event) []byte {
	at := b.now()
	text = qobject.AppendInt(append(text, `{"timestamp": {"seconds": `...), at.Unix())
	text = qobject.AppendInt(append(text, `, "microseconds": `...), int64(at.Nanosecond()/1000))
	text = qobject.AppendString(append(text, `}, "event": `...), event.EventName())
	const data = `, "data": `
	before := len(text)
	text = append(text, data...)
	if text = b.policy.AppendEventData(text, event); len(text) == before+len(data) {
		text = text[:before]
	}
	return append(text, "}\r\n"...)
}
