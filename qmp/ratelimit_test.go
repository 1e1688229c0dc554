package qmp

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/qapi"
)

// listener is a client in command mode; got returns the events since the last call in short: NAME@second data.
func listener(t *testing.T, m *machine) (got func() string) {
	c := connect(m.server.NewMonitor(MonitorConfig{}))
	c.send(t, `{"execute": "qmp_capabilities"}`)
	synctest.Wait()
	c.take()
	t.Cleanup(func() { c.conn.Close() })
	form := regexp.MustCompile(`{"timestamp": {"seconds": (\d+), "microseconds": \d+}, "event": "(\w+)"(?:, "data": (.*))?}\r\n`)
	start := time.Now().Unix()
	return func() string {
		synctest.Wait()
		text, _ := c.take()
		var out []string
		for _, match := range form.FindAllStringSubmatch(text, -1) {
			var at int64
			fmt.Sscan(match[1], &at)
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s@%d %s", match[2], at-start, match[3])))
		}
		return strings.Join(out, "; ")
	}
}

func TestRateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		got := listener(t, m)
		expect := func(want string) {
			t.Helper()
			if events := got(); events != want {
				t.Errorf("after %v: %s, want %s", time.Now(), events, want)
			}
		}
		wait := func(d time.Duration) { time.Sleep(d) } // of the bubble's clock
		emit := func(name, data string) { m.server.Emit(testEvent{name, data}) }

		// The first goes at once, the last of the others when the second is over, with its own time.
		emit("RTC_CHANGE", `{"offset": 1}`)
		expect(`RTC_CHANGE@0 {"offset": 1}`)
		wait(100 * time.Millisecond)
		emit("RTC_CHANGE", `{"offset": 2}`)
		wait(100 * time.Millisecond)
		emit("RTC_CHANGE", `{"offset": 3}`)
		wait(799 * time.Millisecond)
		expect("")
		wait(time.Millisecond)
		expect(`RTC_CHANGE@0 {"offset": 3}`)
		// What was held back begins a second of its own.
		emit("RTC_CHANGE", `{"offset": 4}`)
		expect("")
		wait(time.Second)
		expect(`RTC_CHANGE@1 {"offset": 4}`)
		wait(time.Second)
		emit("RTC_CHANGE", `{"offset": 5}`)
		expect(`RTC_CHANGE@3 {"offset": 5}`)

		// Each value of the key has a limit of its own.
		for _, id := range []string{"a", "b", "a", "b"} {
			emit("VSERPORT_CHANGE", `{"id": "`+id+`", "open": true}`)
			emit("WATCHDOG", `{"action": "`+id+`"}`)
		}
		expect(`VSERPORT_CHANGE@3 {"id": "a", "open": true}; WATCHDOG@3 {"action": "a"}; VSERPORT_CHANGE@3 {"id": "b", "open": true}`)
		wait(5 * time.Second)
		if events := got(); strings.Count(events, "VSERPORT_CHANGE") != 2 || strings.Count(events, `WATCHDOG@3 {"action": "b"}`) != 1 {
			t.Errorf("held back were %s", events)
		}

		// Nothing of migration is limited.
		for range 3 {
			emit("MIGRATION_PASS", `{"pass": 1}`)
		}
		if events := got(); strings.Count(events, "MIGRATION_PASS") != 3 {
			t.Error(events)
		}
		emit("BALLOON_CHANGE", "{}")
		emit("BALLOON_CHANGE", "{}") // is held back when the server ends
	})
}

// TestLimitsAreBounded has a guest that makes up ever new keys.
func TestLimitsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		got := listener(t, m)
		for i := range maxLimited + 10 {
			m.server.Emit(testEvent{"QUORUM_REPORT_BAD", fmt.Sprintf(`{"node-name": %d}`, i)})
		}
		if n := strings.Count(got(), "QUORUM_REPORT_BAD"); n != maxLimited+10 || m.limits() != maxLimited {
			t.Errorf("%d events, %d limits", n, m.limits())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := m.limits(); n != 0 {
			t.Errorf("%d limits are left", n)
		}
	})
}

// deprecatedEvent is one that a policy may hide.
type deprecatedEvent struct{ testEvent }

func (deprecatedEvent) EventFeatures() qapi.Features { return qapi.Deprecated }

func TestHiddenEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		m.server.config.Policy.HideDeprecated = true
		got := listener(t, m)
		m.server.Emit(deprecatedEvent{testEvent{"OLD", ""}})
		m.server.Emit(testEvent{"NEW", ""})
		if events := got(); events != "NEW@0" {
			t.Error(events)
		}
	})
}

// limits counts the events that are held back, or may be.
func (m *machine) limits() int {
	m.server.events.mu.Lock()
	defer m.server.events.mu.Unlock()
	return len(m.server.events.limited)
}
