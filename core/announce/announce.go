// Package announce lets network cards tell their network where they are now:
// several rounds of announcements, with more time after each.
package announce

import (
	"sync"
	"time"
)

// Params are the rounds of one series.
type Params struct {
	// Initial, Max and Step are milliseconds: the time between the first two
	// rounds, the most between any two, and what is added each time.
	Initial, Max, Step int64
	// Rounds is how many there are; 0 for none, negative for no end.
	Rounds int64
	// Interfaces are the names of the cards that speak; nil means all.
	Interfaces []string
	// ID names the series: it replaces one of the same name.
	ID string
}

// longest bounds the time between two rounds, in milliseconds: thirty years.
const longest = 1 << 40

// Delay is the time before the next round when left rounds are still to come.
func (p *Params) Delay(left int64) time.Duration {
	ms := p.Initial + (p.Rounds-left-1)*p.Step
	if ms < 0 || ms > p.Max {
		ms = p.Max
	}
	return time.Duration(min(max(ms, 0), longest)) * time.Millisecond
}

// Announcer runs the series of one machine. The zero value has none. Its
// methods may be called from any goroutine.
type Announcer struct {
	mu     sync.Mutex
	closed bool
	series map[string]*series
	work   sync.WaitGroup
}

type series struct {
	stop chan struct{}
}

// Start begins a series: say announces once, now and in every later round.
func (a *Announcer) Start(p Params, say func(*Params)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.series[p.ID]; old != nil {
		close(old.stop)
		delete(a.series, p.ID)
	}
	if p.Rounds == 0 || a.closed {
		return
	}
	s := &series{stop: make(chan struct{})}
	if a.series == nil {
		a.series = map[string]*series{}
	}
	a.series[p.ID] = s
	a.work.Go(func() {
		s.run(&p, say)
		a.remove(p.ID, s)
	})
}

func (s *series) run(p *Params, say func(*Params)) {
	for left := p.Rounds; ; {
		say(p)
		if left--; left == 0 {
			return
		}
		select {
		case <-s.stop:
			return
		case <-time.After(p.Delay(left)):
		}
	}
}

func (a *Announcer) remove(id string, s *series) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.series[id] == s {
		delete(a.series, id)
	}
}

// Close ends all series and waits for their end.
func (a *Announcer) Close() {
	a.mu.Lock()
	a.closed = true
	for id, s := range a.series {
		close(s.stop)
		delete(a.series, id)
	}
	a.mu.Unlock()
	a.work.Wait()
}
