package emulator

import (
	"strings"
	"sync"
)

// tailSize is how much of an emulator's last output is kept.
const tailSize = 64 << 10

// tail is a writer that keeps the end of what was written.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func newTail() *tail { return &tail{} }

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text) - tailSize; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(t.raw()) }

func (t *tail) raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
