package migration

import (
	"fmt"
	"io"

	"qmpmigrate/core/colo"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// secondary is a destination whose VM runs beside its source's, and takes over
// its state at each checkpoint.
type secondary struct {
	*arrival
	host     Host
	talk     *colo.Talk
	cache    *colo.Cache
	failover *colo.Failover
	blob     []byte // the state of the devices at one checkpoint
	own      own
}

// followPrimary begins once the VM was loaded. It returns when the VM is this
// machine's alone.
func (a *arrival) followPrimary() error {
	cache, err := colo.NewCache(a.machine.Blocks())
	if err != nil {
		return err
	}
	defer func() {
		a.pages.Close() // it may have made memory of the copy ready
		cache.Close()
	}()
	a.pages.Redirect(cache.Copy)
	a.loader.Packaged = nil
	a.loader.Keep("ram")
	m := a.in.m
	s := &secondary{arrival: a, host: m.host, cache: cache, failover: m.beginLockstep(),
		talk: m.points.colo.saying(colo.NewTalk(a.r, stream.NewWriter(a.in.channel())))}
	a.locked = true
	a.in.advance(states.TargetCOLO)
	cache.Watch()
	if err := s.host.SecondaryBegins(); err != nil {
		return err
	}
	m.points.colo.runs()
	return s.leave(s.follow())
}

// follow takes checkpoints until the other end is lost, or given up.
func (s *secondary) follow() error {
	if err := s.talk.Send(wire.COLOCheckpointReady); err != nil {
		return err
	}
	for !s.failover.Asked() {
		if err := s.talk.ExpectRequest(); err != nil {
			return err
		}
		if err := s.checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint takes one. Until all of it is here the VM is as it was: it may stand
// after an error, but goes on from where it came itself.
func (s *secondary) checkpoint() error {
	s.host.StopForCheckpoint()
	s.in.m.points.colo.stops()
	if err := s.talk.Send(wire.COLOCheckpointReply); err != nil {
		return err
	}
	if err := s.talk.Expect(wire.COLOVMStateSend); err != nil {
		return err
	}
	if err := s.loader.Rest(s.r); err != nil {
		return fmt.Errorf("Load VM's live state (ram) error: %w", err)
	}
	var err error
	if s.blob, err = s.talk.State(s.blob); err != nil {
		return err
	}
	if err := s.talk.Send(wire.COLOVMStateReceived); err != nil {
		return err
	}
	s.failover.Loading(true)
	err = s.host.CheckpointLoaded(s.load)
	s.failover.Loading(false)
	if err != nil {
		return fmt.Errorf("COLO: load device state failed: %w", err)
	}
	s.in.m.points.colo.runs()
	if s.failover.Asked() {
		return nil
	}
	return s.talk.Send(wire.COLOVMStateLoaded)
}

// load puts the checkpoint that came in the place of the VM, or leaves all as it was.
func (s *secondary) load() error {
	devices := func() error { return s.loader.Devices(s.blob) }
	var err error
	if m, ok := s.machine.(guest.Checkpointed); ok {
		err = m.Checkpoint(devices)
	} else {
		err = s.own.replace(s.loader, s.machine.Devices(), devices)
	}
	if err == nil {
		s.flush()
	}
	return err
}

// flush makes the memory of the VM that of its primary.
func (s *secondary) flush() {
	p := &s.in.m.points.colo
	if p.flush.On() {
		p.flush.Tell(trace.Uint("dirty_pages", s.cache.Due()))
	}
	s.cache.Flush()
	p.flushed.Tell()
}

// own is the state of a VM's devices, kept in case that another does not load.
type own struct {
	saver *savevm.Saver
	out   *stream.Writer
	state kept
}

type kept []byte

func (k *kept) Write(p []byte) (int, error) { *k = append(*k, p...); return len(p), nil }

// replace has load load the devices; if it fails they are as they were.
func (o *own) replace(loader *savevm.Loader, devices []savevm.Device, load func() error) error {
	if o.saver == nil {
		o.saver, o.out = savevm.NewSaver(stream.NewWriter(io.Discard)), stream.NewWriter(&o.state)
		o.saver.Format = loader.Format
	}
	o.state = o.state[:0]
	o.out.Reset(&o.state)
	if err := o.saver.Devices(o.out, devices); err != nil {
		return err
	}
	err := load()
	if err == nil {
		return nil
	}
	if back := loader.Devices(o.state); back != nil {
		return fmt.Errorf("%w; and what was there before: %w", err, back)
	}
	return err
}

// leave ends a lock step that err ended; see primary.leave.
func (s *secondary) leave(err error) error {
	failed := !s.failover.Asked()
	if failed {
		s.exit(qapi.COLOExitReasonError)
		if s.in.ctx.Err() == nil {
			s.host.Report(err.Error())
			select {
			case <-s.failover.Requested():
			case <-s.in.ctx.Done():
			}
		}
	}
	if !s.failover.Asked() {
		return err // the machine is closed
	}
	s.failover.Begin()
	s.in.m.was(qapi.COLOModeSecondary)
	s.host.StopForCheckpoint()
	s.in.cut()
	s.in.release()
	s.host.Announce(s.in.m.settings.Rounds())
	broken := s.host.LockstepOver(func() {
		s.in.m.steps.Lock()
		s.in.step(states.TargetLoaded)
		s.failover.Done()
		s.in.m.steps.Unlock()
		if !failed {
			s.exit(qapi.COLOExitReasonRequest)
		}
	})
	if broken != nil {
		// Its memory is here all the same, and nowhere else.
		s.host.Report(broken.Error())
	}
	return nil
}

func (s *secondary) exit(reason qapi.COLOExitReason) {
	s.in.m.coloExit(qapi.COLOModeSecondary, reason)
}
