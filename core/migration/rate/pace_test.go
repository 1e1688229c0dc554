package rate

import (
	"testing"
	"time"
)

const page = 4096

// Pages of the first pass are slow, those that go again are not.
func TestPaceKnowsPagesThatGoAgain(t *testing.T) {
	var p Pace
	if d, ok := p.Takes(1, 1, 1); ok {
		t.Errorf("%v before anything went", d)
	}
	p.Sent(time.Millisecond, Telling-1, (Telling-1)*page, true)
	if d, ok := p.Takes(1, 1, 0); ok {
		t.Errorf("%v after a few pages", d)
	}
	for range 10 {
		p.Sent(10*time.Millisecond, 1000, 1000*page, true)
	}
	near(t, &p, 1000, 0, 0, 10*time.Millisecond)
	near(t, &p, 0, 1000, 0, 10*time.Millisecond) // nothing else is known
	p.Sent(2*time.Millisecond, 1000, 1000*page, true)
	near(t, &p, 0, 1000, 0, 2*time.Millisecond)
	if p.Knows() {
		t.Error("nothing went again")
	}
	for _, busy := range []time.Duration{3, 3, 90, 3, 3} { // once something else had the processor
		p.Sent(busy*time.Millisecond, 1000, 1000*page, false)
	}
	if !p.Knows() {
		t.Error("pages went again")
	}
	near(t, &p, 0, 10000, 0, 30*time.Millisecond)
}

// The cost of pages that go again is that of the last turns.
func TestPaceForgets(t *testing.T) {
	var p Pace
	for range 20 {
		p.Sent(50*time.Millisecond, 1000, 1000*page, false)
	}
	for range 7 {
		p.Sent(time.Millisecond, 1000, 1000*page, false)
	}
	near(t, &p, 0, 1000, 0, time.Millisecond)
	near(t, &p, 1000, 0, 0, time.Millisecond)
}

// vCPUs and others that want the processor make turns dear; the VM's stop ends that.
func TestPaceOfAFewTurns(t *testing.T) {
	var p Pace
	p.Sent(4*time.Millisecond, 1000, 1000*page, true)
	p.Sent(20*time.Millisecond, 1000, 1000*page, false)
	near(t, &p, 0, 1000, 0, 4*time.Millisecond) // not more than with a page fault
	p.Sent(3*time.Millisecond, 1000, 1000*page, false)
	near(t, &p, 0, 1000, 0, 3*time.Millisecond)
}

// Bytes that are no pages take what all bytes took.
func TestPaceOfOtherBytes(t *testing.T) {
	var p Pace
	p.Sent(10*time.Millisecond, 1000, 1000*page, false)
	near(t, &p, 0, 0, 500*page, 5*time.Millisecond)
}

func near(t *testing.T, p *Pace, fresh, again, other uint64, want time.Duration) {
	t.Helper()
	d, ok := p.Takes(fresh, again, other)
	if !ok || d < want*9/10 || d > want*11/10 {
		t.Errorf("%d fresh, %d again, %d bytes: %v, %v; want %v", fresh, again, other, d, ok, want)
	}
}
