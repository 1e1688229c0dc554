package core

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// puppet is a guest that only keeps account.
type puppet struct {
	running bool
	resets  int
}

func (p *puppet) Blocks() []*memory.Block  { return nil }
func (p *puppet) Devices() []savevm.Device { return nil }
func (p *puppet) Start() error             { p.running = true; return nil }
func (p *puppet) Stop()                    { p.running = false }
func (p *puppet) Close() error             { return nil }
func (p *puppet) Reset()                   { p.resets++ }

// log keeps events as text.
type log struct {
	mu   sync.Mutex
	list []string
	news chan struct{}
}

func newLog() *log { return &log{news: make(chan struct{}, 1)} }

func (l *log) Emit(e qapi.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := e.EventName()
	switch e := e.(type) {
	case *qapi.ResetEvent:
		text += fmt.Sprintf("(%v %s)", e.Guest, e.Reason)
	case *qapi.ShutdownEvent:
		text += fmt.Sprintf("(%v %s)", e.Guest, e.Reason)
	}
	l.list = append(l.list, text)
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// take gives what came since the last call.
func (l *log) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.Join(l.list, " ")
	l.list = nil
	return text
}

// wait returns once an event called name has come, and waits a minute at most.
func (l *log) wait(t *testing.T, name string) {
	t.Helper()
	for late := time.After(time.Minute); ; {
		l.mu.Lock()
		found := slices.Contains(l.list, name)
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-l.news:
		case <-late:
			t.Fatalf("no %s: %s", name, l.take())
		}
	}
}

func newPuppet(t *testing.T, conf Config) (*Machine, *puppet, *log) {
	events, guest := newLog(), &puppet{}
	conf.Events = events
	m := New(conf, "puppet-1.0", guest)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m, guest, events
}
