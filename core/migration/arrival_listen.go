package migration

import (
	"errors"
	"fmt"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
)

// listen lets what follows the package come in beside it.
func (a *arrival) listen() error {
	if err := a.enter("CMD_POSTCOPY_LISTEN", arrivalListening, arrivalAdvised, arrivalDiscards); err != nil {
		return err
	}
	a.points().listen.Tell(trace.Str("str", "enter"))
	if a.follows {
		if err := a.listenRAM(); err != nil {
			return err
		}
	}
	a.in.advance(states.TargetPostcopy)
	a.ran, a.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(a.done)
		a.points().begin.Tell()
		a.err = a.follow()
		a.points().end.Tell()
	}()
	a.points().listen.Tell(trace.Str("str", "return"))
	return nil
}

// listenRAM gets ready for memory.
func (a *arrival) listenRAM() error {
	if !a.back.Opened() {
		return errors.New("CMD_POSTCOPY_LISTEN received with no return path")
	}
	a.prepare()
	if err := a.memory.Listen(a.back); err != nil {
		return err
	}
	if err := a.preempt(); err != nil {
		return err
	}
	a.main = a.memory.Channel(0, a.pages.Cursor, &a.in.m.loaded)
	return nil
}

// follow takes in what follows the package, until all of it is here.
func (a *arrival) follow() error {
	for {
		standBack(a.in.channel(), channels.ReadInside)
		err := a.leave(a.rest())
		if err == nil {
			return nil
		}
		lives := a.lives()
		// Bitmaps do not come again, whatever else does.
		a.bitmaps.Cancel()
		if !a.follows && lives {
			a.in.m.host.Report(fmt.Sprintf("loadvm failed during postcopy: %v. All states are migrated except dirty bitmaps. "+
				"Some dirty bitmaps may be lost, and present migrated dirty bitmaps are correctly migrated and valid.", err))
			return nil
		}
		if !a.pause(err) {
			return err
		}
	}
}

// lives waits until the VM is here; false means that it never will be. All of the
// package is, so that the VM will be, too, or fail for a reason of its own.
func (a *arrival) lives() bool {
	select {
	case <-a.ran:
	case <-a.ctx.Done():
	}
	return a.ctx.Err() == nil
}

// rest takes in what one channel brings.
func (a *arrival) rest() error {
	if err := a.loader.Rest(a.r); err != nil {
		return err
	}
	if err := a.remainder(); err != nil {
		return err
	}
	if !a.follows {
		return nil
	}
	if left := a.memory.Absent(); left > 0 {
		return fmt.Errorf("the source has ended, and %d bytes of RAM have not come", left)
	}
	return nil
}

// run ends the package: the VM is here, as far as it has come.
func (a *arrival) run() error {
	if err := a.enter("CMD_POSTCOPY_RUN", arrivalRunning, arrivalListening); err != nil {
		return err
	}
	a.points().run.Tell()
	a.bitmaps.Begin()
	close(a.ran)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.express != nil && a.express.err != nil {
		a.in.cut()
	}
	return savevm.ErrHandedOver
}

// begun says whether what follows the VM is being read.
func (a *arrival) begun() bool { return a.done != nil }

// finish waits until all has come, or ends that, because of err. It gives the
// error that counts.
func (a *arrival) finish(err error) error {
	if a.memory == nil && !a.begun() {
		return err
	}
	if a.begun() {
		if err != nil {
			if a.reached() < arrivalRunning {
				// The source can have its VM back, if it hears of it.
				_ = a.back.Shut(true)
			}
			a.giveUp()
		}
		<-a.done
		a.in.gate.Close()
		if err == nil {
			err = a.err
		}
	}
	if a.memory != nil {
		if closed := a.memory.Close(); err == nil {
			err = closed
		}
	}
	a.mu.Lock()
	a.state = arrivalEnd
	a.mu.Unlock()
	return err
}
