package emulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	serialTime = 3 * time.Minute // emulated guests on a busy machine are slow
	pollTime   = 20 * time.Millisecond
)

// Serial returns what the guest has printed so far on this emulator.
func (e *Emulator) Serial() string {
	text, err := os.ReadFile(filepath.Join(e.Dir, serialName))
	if err != nil {
		return ""
	}
	return string(text)
}

// Printed says whether the guest has printed anything on this emulator.
func (e *Emulator) Printed() bool {
	info, err := os.Stat(filepath.Join(e.Dir, serialName))
	return err == nil && info.Size() > 0
}

// WaitSerial waits until the guest has printed n more letters than it has now.
func (e *Emulator) WaitSerial(ctx context.Context, letter string, n int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, serialTime,
		fmt.Errorf("guest did not print %q %d times in time", letter, n))
	defer cancel()
	target := strings.Count(e.Serial(), letter) + n
	return e.poll(ctx, func() (bool, error) { return strings.Count(e.Serial(), letter) >= target, nil })
}

// WaitBooted waits until the test guest is in its endless loop: an A and a first B.
func (e *Emulator) WaitBooted(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, serialTime, errors.New("guest did not start in time"))
	defer cancel()
	return e.poll(ctx, func() (bool, error) { return strings.HasPrefix(e.Serial(), "AB"), nil })
}

// WaitOutput waits until a text is in what the emulator printed n times.
func (e *Emulator) WaitOutput(ctx context.Context, text string, n int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, eventTime, fmt.Errorf("it did not print %q %d times in time", text, n))
	defer cancel()
	return e.poll(ctx, func() (bool, error) { return strings.Count(e.Stderr(), text) >= n, nil })
}

// poll calls done until it is true, fails, the emulator ends or the context does.
func (e *Emulator) poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for {
		if ok, err := done(); err != nil || ok {
			return e.explain(err)
		}
		select {
		case <-tick.C:
		case <-e.proc.done:
			return e.explain(fmt.Errorf("ended with %v", e.proc.state))
		case <-ctx.Done():
			return e.explain(context.Cause(ctx))
		}
	}
}
