package links

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"qmpmigrate/channels"
)

// end is a channel of which only its end counts.
type end struct {
	channels.Conn
	shut, closed atomic.Bool
}

func (e *end) Shutdown() error { e.shut.Store(true); return nil }
func (e *end) Close() error    { e.closed.Store(true); return nil }

// Whatever becomes of the second channel is known once it is ready.
func TestSecondOfAPair(t *testing.T) {
	cause := errors.New("refused")
	late := &end{}
	for name, c := range map[string]struct {
		get  func(context.Context) (channels.Conn, error)
		shut bool // the pair, before the second is there
		err  error
	}{
		"comes":              {func(context.Context) (channels.Conn, error) { return &end{}, nil }, false, nil},
		"does not":           {func(context.Context) (channels.Conn, error) { return nil, cause }, false, cause},
		"is waited for":      {func(ctx context.Context) (channels.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }, true, ErrHungUp},
		"comes when it ends": {func(ctx context.Context) (channels.Conn, error) { <-ctx.Done(); return late, nil }, true, nil},
	} {
		main := &end{}
		p := NewPair(main)
		p.Bring(c.get)
		if c.shut {
			p.Shutdown()
		}
		<-p.Ready
		second, err := p.Other()
		if !errors.Is(err, c.err) || (second == nil) != (c.err != nil) {
			t.Errorf("%s: %v, %v", name, second, err)
		}
		if p.Shutdown(); !main.shut.Load() || second != nil && !second.(*end).shut.Load() {
			t.Errorf("%s: not all is shut", name)
		}
		if p.Close(); !main.closed.Load() || second != nil && !second.(*end).closed.Load() {
			t.Errorf("%s: not all is closed", name)
		}
	}
	if !late.shut.Load() {
		t.Error("a channel that came too late was not shut")
	}
}

// One that nobody brings a second for ends as well.
func TestPairWithoutASecond(t *testing.T) {
	main := &end{}
	if NewPair(main).Close(); !main.closed.Load() {
		t.Error("it is open")
	}
}

// hall is a listener that nobody comes to.
type hall struct {
	channels.Listener
	closed bool
}

func (h *hall) Close() error { h.closed = true; return nil }

// The newest address counts, and whoever comes when nobody waits is sent away.
func TestGate(t *testing.T) {
	var g Gate
	first, second, third := &hall{}, &hall{}, &hall{}
	never := func(channels.Listener) (channels.Conn, error) { return nil, errors.New("closed") }
	if g.Where(first) != first {
		t.Error("the first address does not count")
	}
	if g.Keep(first, never) {
		t.Error("a gate that is shut keeps a listener")
	}
	came := g.Await()
	if !g.Keep(second, never) {
		t.Fatal("it does not wait")
	}
	if g.Leave(); !second.closed || g.Where(first) != nil {
		t.Error("the address that was left still counts")
	}
	conn := &end{}
	if !g.Keep(third, func(channels.Listener) (channels.Conn, error) { return conn, nil }) || g.Where(first) != third {
		t.Fatal("the new address does not count")
	}
	if got := <-came; got != conn {
		t.Errorf("came %v", got)
	}
	// It is taken: the next wait is another one.
	if g.Keep(&hall{}, never) {
		t.Error("it waits although somebody came")
	}
	again := g.Await()
	stray := &end{}
	if !g.Keep(third, func(channels.Listener) (channels.Conn, error) { return stray, nil }) {
		t.Fatal("it does not wait again")
	}
	if g.Close(); !stray.closed.Load() {
		t.Error("who came to nobody was not sent away")
	}
	select {
	case got := <-again:
		t.Errorf("%v is left", got)
	default:
	}
}
