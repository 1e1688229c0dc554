package rate

import (
	"slices"
	"testing"
	"time"
)

// decisions are what t says after periods in which wrote bytes were dirtied and
// moved ones went out, where that is anything new.
func decisions(t *Throttle, wrote, moved uint64, periods int, p Rules) (percents []uint64) {
	now := t.began
	dirtied, sent := t.dirtied, t.moved
	for range periods {
		now = now.Add(throttlePeriod + time.Millisecond)
		dirtied, sent = dirtied+wrote, sent+moved
		if t.Synced(now, dirtied, sent, p) {
			percents = append(percents, t.Percent)
		}
	}
	return percents
}

func TestThrottleFollowsQEMU(t *testing.T) {
	usual := Rules{Initial: 20, Increment: 10, Most: 99, Trigger: 50}
	with := func(change func(*Rules)) Rules {
		p := usual
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		parameters   Rules
		wrote, moved uint64
		periods      int
		want         []uint64
	}{
		"every second period":  {usual, 1000, 1000, 5, []uint64{20, 30}},
		"as much as the bound": {usual, 500, 1000, 10, nil},
		"one more":             {usual, 501, 1000, 4, []uint64{20, 30}},
		"to the end":           {usual, 1000, 0, 22, []uint64{20, 30, 40, 50, 60, 70, 80, 90, 99, 99, 99}},
		"a most": {with(func(p *Rules) { p.Most = 35 }), 1000, 0, 8,
			[]uint64{20, 30, 35, 35}},
		"a trigger": {with(func(p *Rules) { p.Trigger = 100 }), 1000, 1000, 10, nil},
		"another beginning": {with(func(p *Rules) { p.Initial, p.Increment = 7, 33 }), 1, 0, 8,
			[]uint64{7, 40, 73, 99}},
		// Half of what the guest still runs is too much, and of that half, ...
		"tailslow": {with(func(p *Rules) { p.Tailslow = true }), 1000, 1000, 24,
			[]uint64{20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99}},
		// 100-20 runs, 80*500/510 = 78 may; 78*500/510 = 76 may; ...
		"tailslow, nearly there": {with(func(p *Rules) { p.Tailslow = true }), 510, 1000, 12,
			[]uint64{20, 22, 24, 26, 28, 30}},
		"tailslow, nothing goes out": {with(func(p *Rules) { p.Tailslow = true }), 510, 0, 4, []uint64{20, 30}},
	} {
		var state Throttle
		state.Start(time.Unix(0, 0))
		if got := decisions(&state, c.wrote, c.moved, c.periods, c.parameters); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestThrottleParametersActAtOnce(t *testing.T) {
	p := Rules{Initial: 50, Increment: 10, Most: 99, Trigger: 50}
	var state Throttle
	state.Start(time.Unix(0, 0))
	if got := decisions(&state, 10, 10, 4, p); !slices.Equal(got, []uint64{50, 60}) {
		t.Fatal(got)
	}
	p.Most = 40
	if got := decisions(&state, 10, 10, 2, p); !slices.Equal(got, []uint64{40}) {
		t.Errorf("with a lower most it is %v", got)
	}
}

// Periods that are good do not make one that was bad forgotten, and looks at the
// log within a second are one.
func TestThrottlePeriods(t *testing.T) {
	p := Rules{Initial: 20, Increment: 10, Most: 99, Trigger: 50}
	var state Throttle
	now := time.Unix(0, 0)
	state.Start(now)
	if got := decisions(&state, 10, 10, 1, p); got != nil {
		t.Fatalf("after one period %v", got)
	}
	if got := decisions(&state, 1, 10, 3, p); got != nil {
		t.Fatalf("after good periods %v", got)
	}
	began, dirtied := state.began, state.dirtied
	if state.Synced(began.Add(throttlePeriod), dirtied+100, state.moved, p) {
		t.Error("it decided within a period")
	}
	if !state.Synced(began.Add(throttlePeriod+1), dirtied+100, state.moved, p) || state.Percent != 20 {
		t.Errorf("after the second bad period: %d", state.Percent)
	}
}

// The log is read when it was not for a whole tick, but not in the first pass.
func TestThrottleReadsTheLogInLongPasses(t *testing.T) {
	var state Throttle
	now := time.Unix(0, 0)
	state.Start(now)
	for i, c := range []struct {
		after  time.Duration
		passes uint64
		due    bool
	}{
		{passPeriod - 1, 1, false},
		{1, 1, false}, // the first pass
		{passPeriod, 1, false},
		{passPeriod, 2, false}, // one was read meanwhile
		{passPeriod - 1, 2, false},
		{1, 2, true}, // and makes it 3
		{1, 3, false},
		{passPeriod, 3, true},
		{passPeriod, 7, false},
		{passPeriod, 7, true},
	} {
		now = now.Add(c.after)
		if got := state.Due(now, c.passes); got != c.due {
			t.Errorf("look %d: %v", i, got)
		}
	}
}
