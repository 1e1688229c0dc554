package qmp

import (
	"slices"
	"time"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// rateLimit says that an event which a guest can cause is sent at most once in every, separately for each value of
// its member key; an empty key is one limit for all.
type rateLimit struct {
	every time.Duration
	key   string
}

// rateLimits has QEMU's limits by the events' names. Nothing about migration, run state or jobs is limited.
func rateLimits() map[string]rateLimit {
	return map[string]rateLimit{
		"BALLOON_CHANGE":            {time.Second, ""},
		"BLOCK_IO_ERROR":            {time.Second, "qom-path"},
		"HV_BALLOON_STATUS_REPORT":  {time.Second, ""},
		"MEMORY_DEVICE_SIZE_CHANGE": {time.Second, "qom-path"},
		"QUORUM_FAILURE":            {time.Second, ""},
		"QUORUM_REPORT_BAD":         {time.Second, "node-name"},
		"RTC_CHANGE":                {time.Second, ""},
		"VSERPORT_CHANGE":           {time.Second, "id"},
		"WATCHDOG":                  {time.Second, ""},
	}
}

// maxLimited bounds for how many values of keys limits are kept at a time: beyond it events go without a limit.
const maxLimited = 4096

// limiter has what was sent lately, by the name of the event and the value of its key.
type limiter map[limitKey]*limitState

type limitKey struct{ name, value string }

// limitState lives from a message until a whole interval has passed without one.
type limitState struct {
	timer   *time.Timer
	pending []byte // the last message that was held back, with the time at which it was made; nil: none
}

// throttle sends a message, or holds it back in place of the last one that was.
func (b *broadcaster) throttle(limit rateLimit, event qapi.Event, message []byte) {
	key := limitKey{event.EventName(), keyValue(event, limit.key)}
	if state := b.limited[key]; state != nil {
		state.pending = append(state.pending[:0], message...)
		return
	}
	b.broadcast(message)
	if len(b.limited) >= maxLimited {
		return
	}
	if b.limited == nil {
		b.limited = limiter{}
	}
	state := &limitState{}
	state.timer = time.AfterFunc(limit.every, func() { b.pass(key, state, limit.every) })
	b.limited[key] = state
}

// pass is called when an interval has passed.
func (b *broadcaster) pass(key limitKey, state *limitState, every time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limited[key] != state {
		return
	}
	if len(state.pending) == 0 {
		delete(b.limited, key)
		return
	}
	b.broadcast(state.pending)
	state.pending = state.pending[:0]
	state.timer.Reset(every)
}

// endLimits forgets what is held back.
func (b *broadcaster) endLimits() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, state := range b.limited {
		state.timer.Stop()
	}
	b.limited = nil
}

// keyValue is the member that tells events of one name apart.
func keyValue(event qapi.Event, key string) string {
	if key == "" {
		return ""
	}
	data, _ := qobject.Parse(string(event.AppendData(nil)))
	object, _ := data.(*qobject.Dict)
	value, _ := object.Get(key)
	if text, ok := value.(string); ok {
		return text
	}
	return string(slices.Clip(qobject.Append(nil, value)))
}
