package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// interrupts are the user's wish that something ends.
type interrupts struct {
	ctx   context.Context // ended by the first, its cause is a *signalled
	again chan struct{}   // closed by the second
	stop  func()
}

// signalled is the end of something because of a signal.
type signalled struct{ signal syscall.Signal }

func (s *signalled) Error() string {
	if s.signal == syscall.SIGINT {
		return "interrupted"
	}
	return s.signal.String()
}

// timedOut is the end of something that took too long.
type timedOut struct{ after time.Duration }

func (t *timedOut) Error() string { return fmt.Sprintf("it took more than %v", t.after) }

// newInterrupts listens to signals until stop. The third one ends the process.
func newInterrupts(ctx context.Context) *interrupts {
	ctx, cancel := context.WithCancelCause(ctx)
	i := &interrupts{ctx: ctx, again: make(chan struct{})}
	wanted := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		wanted = append(wanted, syscall.SIGHUP)
	}
	signals, broken := make(chan os.Signal, 2), make(chan os.Signal, 1)
	signal.Notify(signals, wanted...)
	signal.Notify(broken, syscall.SIGPIPE) // that nobody reads is no reason to end
	done := make(chan struct{})
	i.stop = func() {
		signal.Stop(signals)
		signal.Stop(broken)
		close(done)
		cancel(nil)
	}
	go func() {
		for n := range 2 {
			select {
			case s := <-signals:
				if n == 0 {
					cancel(&signalled{s.(syscall.Signal)})
					continue
				}
				signal.Stop(signals)
				close(i.again)
			case <-done:
				return
			}
		}
	}()
	return i
}
