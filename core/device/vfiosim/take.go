package vfiosim

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// take gives a record to the device. Like the driver of a real one it returns
// when the device has taken it.
func (t *target) take(r record) error {
	if t.opened == (r.kind == recordHeader) {
		return fmt.Errorf("%w: %w", errRecord, errInvalid)
	}
	switch r.kind {
	case recordHeader:
		return t.header(r)
	case recordChunk:
		return t.chunk(r)
	}
	return t.end(r)
}

func (t *target) header(r record) error {
	c := &t.d.conf
	if r.a != c.StateSize || r.b != c.InitialSize {
		return fmt.Errorf("the device's state has %d bytes, %d of them initial, and here %d and %d: %w",
			r.a, r.b, c.StateSize, c.InitialSize, errInvalid)
	}
	t.opened = true
	if t.initial == 0 {
		return t.prepare()
	}
	return nil
}

func (t *target) chunk(r record) error {
	i, generation := r.a, r.b
	c := &t.d.contents
	switch {
	case i >= c.chunks() || len(r.data) != c.length(i) || generation == math.MaxUint64 || t.whole:
		return fmt.Errorf("data for chunk %d that cannot be: %w", i, errInvalid)
	case !holds(r.data, i, generation):
		return fmt.Errorf("chunk %d is not what the device had: %w", i, errInvalid)
	}
	t.d.mu.Lock()
	first := t.got[i] == 0
	t.got[i] = generation + 1
	if first {
		t.missing--
	}
	t.d.mu.Unlock()
	if err := t.spend(t.loading(uint64(len(r.data)))); err != nil {
		return err
	}
	if first && i < t.d.conf.initialChunks() {
		if t.initial--; t.initial == 0 {
			return t.prepare()
		}
	}
	return nil
}

// patience is how far the device's work may be ahead of the clock: sleeping has
// its own cost.
const patience = time.Millisecond

// spend lets the time go by that the device needs for its data.
func (t *target) spend(d time.Duration) error {
	now := time.Now()
	t.d.mu.Lock()
	if t.busy.Before(now) {
		t.busy = now
	}
	t.busy = t.busy.Add(d)
	left := t.busy.Sub(now)
	t.d.mu.Unlock()
	if left < patience {
		return nil
	}
	return t.sleep(left)
}

func (t *target) sleep(d time.Duration) error {
	select {
	case <-t.ctx.Done():
		return context.Cause(t.ctx)
	case <-time.After(d):
		return nil
	}
}

var errPrepare = errors.New("the device did not become ready")

// prepare makes the device ready, which it can be once the initial data is there.
func (t *target) prepare() error {
	if err := t.sleep(t.d.conf.Prepare); err != nil {
		return err
	}
	if t.d.conf.Fault == FaultPrepare {
		return fmt.Errorf("%w: %w", errPrepare, errIO)
	}
	t.d.mu.Lock()
	t.ready = true
	t.d.mu.Unlock()
	return nil
}

// end holds what came against what there must be.
func (t *target) end(r record) error {
	if t.whole || t.d.conf.Fault == FaultLoad {
		return errIO
	}
	if err := t.sleep(time.Until(t.busy)); err != nil {
		return err
	}
	d := t.d
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, got := range t.got {
		want := d.contents.generation(uint64(i), r.a)
		switch {
		case got == 0:
			return fmt.Errorf("chunk %d did not come: %w", i, errInvalid)
		case got != want+1:
			return fmt.Errorf("chunk %d is of generation %d, expected %d: %w", i, got-1, want, errInvalid)
		}
	}
	d.contents.base, t.whole = r.a, true
	return nil
}
