package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// startTime is what a process gets until its QMP server has greeted.
const startTime = time.Minute

// stage is where a demonstration plays: a folder of its own and the processes
// that it has started. It belongs to one goroutine.
type stage struct {
	self   program
	dir    string
	actors []*actor // all that were ever started
}

func newStage(self program) (*stage, error) {
	dir, err := os.MkdirTemp("", "qmdemo")
	if err != nil {
		return nil, err
	}
	return &stage{self: self, dir: dir}, nil
}

// path is a file in the stage's folder.
func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// actor is a process on the stage, with a QMP connection once it was met.
type actor struct {
	*conduct.Endpoint
	name    string // for messages
	socket  string
	process *process
}

// start starts p as a server.
func (s *stage) start(name string, p program, args ...string) (*actor, error) {
	// Actors of one name may follow each other; their sockets must differ.
	a := &actor{name: name, socket: s.path(fmt.Sprintf("%d.qmp", len(s.actors)))}
	var err error
	a.process, err = p.start(append([]string{"-nodefaults", "-display", "none",
		"-qmp", "unix:" + a.socket + ",server=on,wait=off"}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.actors = append(s.actors, a)
	return a, nil
}

// meet connects to the actors, each as soon as it listens.
func meet(ctx context.Context, actors ...*actor) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("no QMP greeting within %v", startTime))
	defer cancel()
	for _, a := range actors {
		if err := a.meet(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *actor) meet(ctx context.Context) (err error) {
	for {
		if a.Endpoint, err = conduct.Dial(ctx, a.name, a.socket); err == nil {
			return nil
		}
		select {
		case <-a.process.done:
			return fmt.Errorf("%s did not start: %s", a.name, a.process.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", a.name, context.Cause(ctx))
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// end ends the actor's process.
func (a *actor) end() error {
	if a.Endpoint != nil {
		_ = a.Close()
	}
	return a.process.end(endTime)
}

// end ends what still runs.
func (s *stage) end() error {
	errs := make([]error, len(s.actors))
	var wg sync.WaitGroup
	for i, a := range s.actors {
		wg.Go(func() { errs[i] = a.end() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// clear leaves nothing behind.
func (s *stage) clear() error { return errors.Join(s.end(), os.RemoveAll(s.dir)) }

// migrate moves the VM of one actor to another and shows how that goes. A
// failure also has what a process said that ended over it.
func migrate(ctx context.Context, out *screen, from, to *actor, o conduct.Options) (conduct.Result, error) {
	progress, also := out.progress(time.Second, nil), o.OnProgress
	o.Source, o.Destination = from.Endpoint, to.Endpoint
	o.OnProgress = func(p conduct.Progress) {
		progress.show(p)
		if also != nil {
			also(p)
		}
	}
	result, err := conduct.Migrate(ctx, o)
	progress.end()
	if err == nil || errors.Is(err, errInterrupted) {
		return result, err
	}
	for _, a := range []*actor{from, to} {
		if words := a.complaint(); words != "" {
			err = fmt.Errorf("%w\n%s: %s", err, a.name, words)
		}
	}
	return result, err
}

// complaint is what a process said that ended over a migration: QEMU tells
// reasons there that it does not tell through QMP.
func (a *actor) complaint() string {
	select {
	case <-a.Gone():
	default:
		return ""
	}
	select {
	case <-a.process.done:
	case <-time.After(endTime):
		return "" // it lives, only its connection has ended
	}
	if a.process.cmd.ProcessState.Success() && a.process.output.String() == "" {
		return ""
	}
	return a.process.lastWords()
}
