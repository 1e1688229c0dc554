package announce

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// QEMU's schedule: the time grows by step from initial to max, in ms.
func TestDelay(t *testing.T) {
	for _, c := range []struct {
		p    Params
		want string
	}{
		{Params{Initial: 50, Max: 550, Rounds: 5, Step: 100}, "50 150 250 350"},
		{Params{Initial: 50, Max: 200, Rounds: 5, Step: 100}, "50 150 200 200"},
		{Params{Initial: 600, Max: 550, Rounds: 3, Step: 1}, "550 550"},
		{Params{Initial: -5, Max: 10, Rounds: 3, Step: 6}, "10 1"},
		{Params{Initial: 0, Max: -1, Rounds: 2, Step: 1}, "0"},
		{Params{Initial: 1, Max: 7, Rounds: 4, Step: math.MaxInt64}, "1 7 7"},
	} {
		var got []string
		for left := c.p.Rounds - 1; left > 0; left-- {
			got = append(got, fmt.Sprint(c.p.Delay(left).Milliseconds()))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%+v: %s", c.p, s)
		}
	}
	if p := (Params{Initial: math.MaxInt64, Max: math.MaxInt64, Rounds: 2}); p.Delay(1) <= 0 {
		t.Error("a long time is negative")
	}
}

// log records when each series spoke, in ms.
type log struct {
	began time.Time
	mu    sync.Mutex
	lines []string
}

func (l *log) say(p *Params) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%s%d", p.ID, time.Since(l.began).Milliseconds()))
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, " ")
}

func TestRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Announcer
		l := &log{began: time.Now()}
		a.Start(Params{ID: "a", Initial: 50, Max: 550, Rounds: 5, Step: 100}, l.say)
		a.Start(Params{ID: "none"}, l.say)
		time.Sleep(20 * time.Millisecond)
		a.Start(Params{ID: "b", Initial: 10, Max: 10, Rounds: 3}, l.say)
		time.Sleep(time.Minute)
		if got := l.String(); got != "a0 b20 b30 b40 a50 a200 a450 a800" {
			t.Errorf("spoken at %s", got)
		}
		a.Close()
	})
}

// A series of the same name takes the other's place; one without end is ended by Close.
func TestSeriesAreReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Announcer
		l := &log{began: time.Now()}
		a.Start(Params{Initial: 100, Max: 100, Rounds: 5}, l.say)
		time.Sleep(150 * time.Millisecond)
		a.Start(Params{Initial: 40, Max: 40, Rounds: -1}, l.say)
		time.Sleep(100 * time.Millisecond)
		a.Close()
		a.Start(Params{Rounds: 1}, l.say)
		time.Sleep(time.Minute)
		if got := l.String(); got != "0 100 150 190 230" {
			t.Errorf("spoken at %s", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var a Announcer
		l := &log{began: time.Now()}
		a.Start(Params{Initial: 100, Max: 100, Rounds: 5}, l.say)
		synctest.Wait()
		a.Start(Params{Rounds: 0}, l.say)
		time.Sleep(time.Minute)
		if got := l.String(); got != "0" {
			t.Errorf("spoken at %s", got)
		}
		a.Close()
	})
}
